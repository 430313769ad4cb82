"""How the benchmark company's Chinese systems call what the truth names in English."""

STAGE_NAMES = {
    "Prospecting": "初步接触",
    "Qualification": "需求确认",
    "Proposal/Price Quote": "方案报价",
    "Negotiation/Review": "商务谈判",
    "Closed Won": "赢单",
    "Closed Lost": "输单",
}

WORDS = {name: stage for stage, name in STAGE_NAMES.items()}
"""The way back."""


def stage_name(stage: str) -> str:
    """The stage as a Chinese salesperson reads it; a stage nobody translated keeps its name."""
    return STAGE_NAMES.get(stage, stage)
