"""Every expected `appraisal_score` with its parts, components and gates.

Parts. A period of a person falls into parts: stretches of one posting to a living unit, those without a working day
left out, joined where unit and version follow each other unchanged. A day that no part has belongs to the part before
it, or to the first. A version judges who holds its role and has been employed for at least `tenure[0]` and fewer than
`tenure[1]` completed months on the first (or last) day of the period; of each standard the version valid on the first
day of the period. A part without a version, or begun after the as_of date, judges nobody, yet divides the period.

Values. In a period of one part the KPI of the person (or of the unit posted to) for the period. In a divided one, of
metrics with dated additions, the additions on the part's days (of a unit: of everybody then in it or below it); of
other metrics the KPI of the period.

Targets. The KPI's target; in a divided period a person's target of a metric that adds up is shared out by working days
posted, stretch by stretch, 6 decimals, the last taking the rest, a unit's by working days of the part's days. Without a
target the reference value; of metrics that add up it counts by the working days of the part (of a unit: only in divided
periods, by the part's days) of those of the period. On a ramp a person's target of a metric that adds up and of which
more is better is asked in part: the percentage grows evenly by completed months to 100, rounded to 6 decimals; weights
move evenly too, rounded to 4.

Points. Reached = value / target in percent (where less is better: target / value), rounded half-up to 9 decimals; the
curve reads that (inverse: the value) and never gives less than 0 or more than its cap; a value of 0 or less where less
is better earns the cap. A component without value or target drops out of the divisor.

Scores. A part: the weighted average of its points, 9 decimals; it does not count with fewer working days (up to the
as_of date), components or weight than the minimum. The period: the average of the parts that count by these days,
rounded to 9, 8 and 2 decimals. Breached gates of all versions that judge a part cap the score, and the grade, by
position. The grade is that of the last part's version: the best whose lowest score is reached, or by places: the first
grade with 100 x place <= shares so far x people.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from connectors.sandbox.reference.metric import METRICS, events
from connectors.sandbox.reference.rating import Ratings
from connectors.sandbox.reference.standard import ZERO, Gate, Standard, Weight
from connectors.sandbox.reference.truth import Truth
from connectors.sandbox.reference.values import PRECISE, Key, Kpi, Metric, half_up, period_end, quotient
from connectors.sandbox.reference.working import days

HUNDRED = Decimal(100)
ONE_DAY = timedelta(days=1)
RATING = "rating"
"""The component that no metric gives."""
ScoreKey = tuple[str, str, date]
"""employee, period type, period start"""


@dataclass(frozen=True)
class Component:
    """One expected component of a part or a whole score; points None: drops out; weighted None: brings nothing."""

    weight: Decimal
    raw_value: Decimal | None
    target: Decimal | None
    points: Decimal | None
    weighted: Decimal | None = None


@dataclass(frozen=True)
class Part:
    """One expected `appraisal_part` with its components by metric."""

    standard: Standard
    unit: str
    days_from: date
    days_to: date
    working_days: int
    elapsed: int
    tenure_months: int
    components: dict[str, Component]
    score: Decimal | None
    status: str


@dataclass(frozen=True)
class Score:
    """One expected `appraisal_score` with its components by metric; a score that a gate caps has a component `gate`."""

    score: Decimal | None
    grade: str | None
    standard_id: str
    standard_version: int
    components: dict[str, Component]
    status: str = "scored"
    uncapped: Decimal | None = None
    earned_grade: str | None = None
    cap_position: int | None = None
    reasons: tuple[str, ...] = ()
    parts: dict[int, Part] | None = None


@dataclass(frozen=True)
class _Stretch:
    first: date
    end: date
    unit: str
    role: str
    working: tuple[date, ...]


@dataclass(frozen=True)
class _Span:
    """A part of a period before anything is measured; `standard` None: nobody is judged."""

    number: int
    standard: Standard | None
    unit: str
    first: date
    days_from: date
    days_to: date
    stretches: tuple[_Stretch, ...]

    @property
    def working(self) -> list[date]:
        return [day for stretch in self.stretches for day in stretch.working]


def expected(truth: Truth, standards: Sequence[Standard], kpis: dict[Key, Kpi]) -> dict[ScoreKey, Score]:
    """Every score by employee, period type and period start."""
    scorer = _Scorer(truth, standards, kpis)
    found = {}
    for period_type, start in sorted({(key[2], key[3]) for key in kpis}):
        if not any(one.period_type == period_type and one.valid_from <= start for one in standards):
            continue
        for employee in sorted(truth.organisation.postings):
            if score := scorer.score(employee, period_type, start):
                found[employee, period_type, start] = score
    return _graded(found, standards)


class _Scorer:
    """Scores before grades."""

    def __init__(self, truth: Truth, standards: Sequence[Standard], kpis: dict[Key, Kpi]) -> None:
        self.truth, self.standards, self.kpis = truth, standards, kpis
        self.as_of = truth.company.as_of
        self.hired = {person.number: person.hired for person in truth.company.employees}
        self.additions: dict[str, dict[str, list[tuple[date, Decimal, Decimal]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        for event in events(truth):
            if event.day <= self.as_of:
                self.additions[event.metric][event.employee_id].append((event.day, event.numerator, event.denominator))
        self.ratings = Ratings(truth.company)
        self._working: dict[tuple[date, date], tuple[date, ...]] = {}

    def working(self, first: date, end: date) -> tuple[date, ...]:
        """Working days from a day up to another."""
        if (first, end) not in self._working:
            self._working[first, end] = tuple(
                day for day in days(first, end - ONE_DAY) if self.truth.is_working_day(day)
            )
        return self._working[first, end]

    def score(self, employee: str, period_type: str, start: date) -> Score | None:
        """None where no version judges anybody."""
        spans = self._spans(employee, period_type, start)
        judged = [span for span in spans if span.standard and span.first <= self.as_of]
        if not judged:
            return None
        parts = {span.number: self._part(employee, start, span, spans) for span in judged}
        weighed = {number: part.elapsed for number, part in parts.items() if part.status == "ok"}
        total = sum(weighed.values())
        uncapped = None
        if total:
            points = sum((part.score or ZERO) * part.elapsed for number, part in parts.items() if number in weighed)
            uncapped = half_up(half_up(quotient(points, total), 8), 2)
        return self._total(employee, start, _brought(parts, total, uncapped), uncapped)

    def _total(self, employee: str, start: date, parts: dict[int, Part], uncapped: Decimal | None) -> Score:
        last = parts[max(parts)].standard
        breached = self._breached(employee, start, parts)
        caps = [gate.cap_score for _, gate in breached if gate.cap_score is not None]
        score = uncapped if uncapped is None else min([uncapped, *caps])
        components = self._merged(employee, start, parts)
        if score is not None and uncapped is not None and score < uncapped:
            score = half_up(score, 2)
            components["gate"] = Component(ZERO, None, None, None, score - uncapped)
        if score is None:
            too_little = any(part.status in ("too_few_days", "too_little_data") for part in parts.values())
            status = "too_little_data" if too_little else "no_data"
        else:
            status = "scored" if period_end(last.period_type, start) <= self.as_of + ONE_DAY else "provisional"
        reasons = tuple(gate.reason for _, gate in breached) if score is not None else ()
        return Score(
            score,
            None,
            last.id,
            last.version,
            components,
            status,
            uncapped,
            cap_position=_cap_position(breached),
            reasons=reasons,
            parts=parts,
        )

    def _breached(self, employee: str, start: date, parts: dict[int, Part]) -> list[tuple[Standard, Gate]]:
        found = []
        versions = {(part.standard.id, part.standard.version): part.standard for part in parts.values()}
        for _, standard in sorted(versions.items()):
            for gate in sorted(standard.gates, key=lambda one: one.id):
                value = self._gates_value(employee, start, standard, gate)
                if value is not None and (value > gate.limit if gate.breach == "above" else value < gate.limit):
                    found.append((standard, gate))
        return found

    def _gates_value(self, employee: str, start: date, standard: Standard, gate: Gate) -> Decimal | None:
        if gate.rater_kind is not None:
            kind = self.ratings.kinds(standard, employee, start)[gate.rater_kind]
            return kind.points if kind.status == "ok" else None
        kpi = self.kpis.get(("employee", employee, standard.period_type, start, gate.metric, "as_was"))
        return None if kpi is None or kpi.value is None else half_up(kpi.value, 9)

    # parts of a period

    def _spans(self, employee: str, period_type: str, start: date) -> list[_Span]:
        end = period_end(period_type, start)
        stretches = [one for one in self._stretches(employee, start, end) if one.working]
        runs = [
            (standard, unit, tuple(run))
            for (standard, unit), run in groupby(
                stretches, lambda one: (self._standard(employee, one.role, period_type, start), one.unit)
            )
        ]
        begins = [run[0].first for _, _, run in runs]
        return [
            _Span(number, standard, unit, run[0].first, start if number == 1 else run[0].first, until, run)
            for number, ((standard, unit, run), until) in enumerate(zip(runs, [*begins, end][1:], strict=True), 1)
        ]

    def _stretches(self, employee: str, start: date, end: date) -> list[_Stretch]:
        """Days in a row on which one posting to one version of a unit holds."""
        organisation, found = self.truth.organisation, []
        for posting in organisation.postings[employee]:
            for unit in organisation.units.get(posting.unit_code, []):
                first = max(posting.valid_from, unit.valid_from, start)
                until = min(posting.valid_to, unit.valid_to, end)
                if first < until:
                    working = self.working(first, until)
                    found.append(_Stretch(first, until, posting.unit_code, posting.role, working))
        return sorted(found, key=lambda one: one.first)

    def _standard(self, employee: str, role: str, period_type: str, start: date) -> Standard | None:
        """The version that judges; of each standard the latest begun."""
        latest: dict[str, Standard] = {}
        for one in self.standards:
            known = latest.get(one.id)
            if one.valid_from <= start and (known is None or one.valid_from > known.valid_from):
                latest[one.id] = one
        fitting = [
            one
            for one in latest.values()
            if (one.role, one.period_type) == (role, period_type)
            and one.tenure[0] <= self._tenure(employee, one, start)
            and (one.tenure[1] is None or self._tenure(employee, one, start) < one.tenure[1])
        ]
        return max(fitting, key=lambda one: one.valid_from, default=None)

    def _tenure(self, employee: str, standard: Standard, start: date) -> int:
        end = period_end(standard.period_type, start)
        return completed_months(self.hired[employee], start if standard.tenure_on == "period_start" else end - ONE_DAY)

    # one part

    def _part(self, employee: str, start: date, span: _Span, spans: list[_Span]) -> Part:
        standard = span.standard
        assert standard is not None
        components = {
            weight.metric: self._component(employee, start, span, spans, standard, weight)
            for weight in standard.weights
        }
        applying = [one for one in components.values() if one.points is not None]
        weight = sum((one.weight for one in applying), ZERO)
        elapsed = sum(day <= self.as_of for day in span.working)
        least_weight, least_components, least_days = standard.minimum
        if not weight or not elapsed:
            status = "no_data"
        elif elapsed < least_days:
            status = "too_few_days"
        elif len(applying) < least_components or weight < least_weight:
            status = "too_little_data"
        else:
            status = "ok"
        earned = sum((one.weight * (one.points or ZERO) for one in applying), ZERO)
        return Part(
            standard,
            span.unit,
            span.days_from,
            span.days_to,
            len(span.working),
            elapsed,
            self._tenure(employee, standard, start),
            components,
            quotient(earned, weight) if status == "ok" else None,
            status,
        )

    def _component(
        self, employee: str, start: date, span: _Span, spans: list[_Span], standard: Standard, weight: Weight
    ) -> Component:
        subject = ("employee", employee) if weight.subject == "person" else ("org_unit", span.unit)
        kpi = self.kpis.get((*subject, standard.period_type, start, weight.metric, "as_was"))
        is_divided = len(spans) > 1 and weight.metric in self.additions
        if weight.metric == RATING:
            measured: tuple[Decimal, Decimal | None] | None = self.ratings.rating(standard, employee, start)
        else:
            measured = self._own_days(subject, weight.metric, span, kpi) if is_divided else _of_period(kpi)
        way = _ramp_share(standard, self._tenure(employee, standard, start))
        target = self._target(subject, start, span, spans, standard, weight, kpi, is_divided)
        metric = _metric(weight.metric)
        if target is not None:
            asked = HUNDRED
            if weight.subject == "person" and metric.aggregation == "additive" and not metric.lower_is_better:
                at_start = standard.ramp[2] if standard.ramp else HUNDRED
                asked = half_up(at_start + (HUNDRED - at_start) * way, 6)
            target = half_up(PRECISE.multiply(target, asked) / 100, 6)
        at_start = weight.weight if weight.weight_at_start is None else weight.weight_at_start
        moved = half_up(at_start + (weight.weight - at_start) * way, 4)
        value = None if measured is None else _value(*measured)
        return Component(moved, value, target, _points(weight, measured, value, target))

    def _own_days(
        self, subject: tuple[str, str], metric: str, span: _Span, kpi: Kpi | None
    ) -> tuple[Decimal, Decimal | None] | None:
        """Numerator and denominator of a part's own days; None where nothing is known of the subject and metric."""
        own = list(self._own_additions(subject, metric, span))
        if not own and (kpi is None or kpi.numerator is None):
            return None
        numerator, denominator = (sum((one[place] for one in own), ZERO) for place in (0, 1))
        return numerator, denominator if METRICS[metric].aggregation == "ratio" else None

    def _own_additions(self, subject: tuple[str, str], metric: str, span: _Span) -> Sequence[tuple[Decimal, Decimal]]:
        by_employee, (kind, name) = self.additions[metric], subject
        people = [name] if kind == "employee" else list(by_employee)
        return [
            (numerator, denominator)
            for person in people
            for day, numerator, denominator in by_employee.get(person, [])
            if span.days_from <= day < span.days_to
            and (kind == "employee" or name in self.truth.organisation.path(person, day, "as_was"))
        ]

    def _target(
        self,
        subject: tuple[str, str],
        start: date,
        span: _Span,
        spans: list[_Span],
        standard: Standard,
        weight: Weight,
        kpi: Kpi | None,
        is_divided: bool,
    ) -> Decimal | None:
        """What is asked, before the ramp."""
        adds_up = _metric(weight.metric).aggregation == "additive"
        end = period_end(standard.period_type, start)
        whole, spanned = len(self.working(start, end)), len(self.working(span.days_from, span.days_to))
        if kpi is not None and kpi.target is not None:
            if not (is_divided and adds_up):
                return kpi.target
            if weight.subject == "unit":
                return half_up(quotient(kpi.target * spanned, whole), 6)
            return _shared_out(kpi.target, span, spans)
        if weight.reference_value is None or not adds_up:
            return weight.reference_value
        if weight.subject == "unit":
            counted = spanned if is_divided else whole
        else:
            counted = len(span.working) if is_divided else sum(len(one.working) for one in spans)
        return half_up(quotient(weight.reference_value * counted, whole), 6)

    # a whole period

    def _merged(self, employee: str, start: date, parts: dict[int, Part]) -> dict[str, Component]:
        """The components of a score: of one part its own, of several their sum."""
        found = {}
        for metric in sorted({name for part in parts.values() for name in part.components}):
            having = {number: part for number, part in parts.items() if metric in part.components}
            found[metric] = self._merged_component(employee, start, metric, parts, having)
        return found

    def _merged_component(
        self, employee: str, start: date, metric: str, parts: dict[int, Part], having: dict[int, Part]
    ) -> Component:
        own = [(part.elapsed, part.components[metric]) for part in having.values()]
        applying = [(elapsed, one) for elapsed, one in own if one.points is not None]
        weighted = [one.weighted for _, one in own if one.weighted is not None]
        all_days = sum(part.elapsed for part in parts.values())
        weight = own[0][1].weight
        if len(parts) > 1 and all_days:
            weight = half_up(quotient(sum(elapsed * one.weight for elapsed, one in own), all_days), 4)
        points = applying[0][1].points if len(applying) == 1 else None
        if len(applying) > 1:
            weighing = sum(elapsed * one.weight for elapsed, one in applying)
            earned = sum(elapsed * one.weight * (one.points or ZERO) for elapsed, one in applying)
            points = quotient(earned, weighing) if weighing else None
        value, target = own[0][1].raw_value, own[0][1].target
        if len(own) > 1:
            value, target = self._whole(employee, start, metric, having)
        return Component(weight, value, target, points, sum(weighted, ZERO) if weighted else None)

    def _whole(
        self, employee: str, start: date, metric: str, having: dict[int, Part]
    ) -> tuple[Decimal | None, Decimal | None]:
        """Value and target of the whole period; None where the parts look at several subjects."""
        asked = []
        for part in having.values():
            weight = next(one for one in part.standard.weights if one.metric == metric)
            subject = ("employee", employee) if weight.subject == "person" else ("org_unit", part.unit)
            kpi = self.kpis.get((*subject, part.standard.period_type, start, metric, "as_was"))
            target = kpi.target if kpi and kpi.target is not None else weight.reference_value
            value = kpi.value if kpi else None
            if metric == RATING:
                value = part.components[metric].raw_value
            asked.append((subject, value, target))
        if len({subject for subject, _, _ in asked}) > 1:
            return None, None
        values = [value for _, value, _ in asked if value is not None]
        value, targets = max(values, default=None), [target for _, _, target in asked if target is not None]
        return (None if value is None else half_up(value, 9)), max(targets, default=None)


def completed_months(first: date, day: date) -> int:
    """Months completed since a day, 0 before it; one that begins on a day its month lacks is completed on the last."""
    months = (day.year - first.year) * 12 + day.month - first.month
    is_last_day = (day + ONE_DAY).month != day.month
    return max(months - (day.day < first.day and not is_last_day), 0)


def _metric(name: str) -> Metric:
    return Metric("ratio") if name == RATING else METRICS[name]


def _ramp_share(standard: Standard, months: int) -> Decimal:
    """How far somebody has come on the ramp, from 0 to 1."""
    if standard.ramp is None:
        return Decimal(1)
    begins, ends, _ = standard.ramp
    return quotient(min(max(months - begins, 0), ends - begins), ends - begins)


def _shared_out(target: Decimal, span: _Span, spans: list[_Span]) -> Decimal:
    """A target by the working days of all stretches, the last taking the rest; the sum of the span's own."""
    stretches = [stretch for one in spans for stretch in one.stretches]
    posted = sum(len(stretch.working) for stretch in stretches)
    amounts = [half_up(quotient(target * len(stretch.working), posted), 6) for stretch in stretches]
    amounts[-1] = target - sum(amounts[:-1], ZERO)
    return sum((amount for stretch, amount in zip(stretches, amounts, strict=True) if stretch in span.stretches), ZERO)


def _of_period(kpi: Kpi | None) -> tuple[Decimal, Decimal | None] | None:
    return None if kpi is None or kpi.numerator is None else (kpi.numerator, kpi.denominator)


def _value(numerator: Decimal, denominator: Decimal | None) -> Decimal | None:
    if denominator is None:
        return half_up(numerator, 9)
    return quotient(numerator, denominator) if denominator else None


def _points(
    weight: Weight, measured: tuple[Decimal, Decimal | None] | None, value: Decimal | None, target: Decimal | None
) -> Decimal | None:
    if measured is None or value is None:
        return None
    if weight.curve == "inverse":
        boundaries = [boundary for boundary, _ in weight.steps]
        place = bisect_left(boundaries, value)
        return min(weight.steps[place][1] if place < len(boundaries) else ZERO, weight.cap)
    if not target:
        return None
    exact = Fraction(measured[0]) / Fraction(1 if measured[1] is None else measured[1])
    if _metric(weight.metric).lower_is_better:
        if value <= 0:
            return half_up(weight.cap, 9)
        reached = quotient(*(Fraction(target) / exact * 100).as_integer_ratio())
    else:
        reached = quotient(*(exact / Fraction(target) * 100).as_integer_ratio())
    return half_up(max(ZERO, min(weight.cap, _curve(weight, reached))), 9)


def _curve(weight: Weight, reached: Decimal) -> Decimal:
    if weight.curve == "stepped":
        return max((points for boundary, points in weight.steps if boundary <= reached), default=ZERO)
    if weight.curve == "threshold" and reached < weight.threshold:
        return ZERO
    if weight.curve == "linear" and weight.zero_at:
        return quotient(HUNDRED * (reached - weight.zero_at), HUNDRED - weight.zero_at)
    return reached


def _brought(parts: dict[int, Part], all_days: int, score: Decimal | None) -> dict[int, Part]:
    """The parts with what each component brings to the score; the last by part and metric takes the rest."""
    found: dict[tuple[int, str], Decimal] = {}
    for number, part in parts.items():
        if part.status == "ok":
            applying = {name: one for name, one in part.components.items() if one.points is not None}
            weight = sum(one.weight for one in applying.values())
            for name, one in applying.items():
                earned = part.elapsed * one.weight * (one.points or ZERO)
                found[number, name] = half_up(quotient(earned, all_days * weight), 2)
    if found and score is not None:
        found[max(found)] += score - sum(found.values())
    return {
        number: replace(
            part,
            components={
                name: replace(one, weighted=found.get((number, name))) for name, one in part.components.items()
            },
        )
        for number, part in parts.items()
    }


# grades


def _cap_position(breached: Sequence[tuple[Standard, Gate]]) -> int | None:
    """Position of the best grade that the gates leave, 0 for the best there is."""
    positions = [
        [name for name, _ in standard.grades].index(gate.cap_grade)
        for standard, gate in breached
        if gate.cap_grade is not None
    ]
    return max(positions, default=None)


def _graded(scores: dict[ScoreKey, Score], standards: Sequence[Standard]) -> dict[ScoreKey, Score]:
    known = {(one.id, one.version): one for one in standards}
    together: dict[tuple, list[Decimal]] = defaultdict(list)
    for (_, _, start), score in scores.items():
        if score.score is not None:
            together[score.standard_id, score.standard_version, start].append(score.score)
    found = {}
    for key, score in scores.items():
        standard = known[score.standard_id, score.standard_version]
        names = [name for name, _ in standard.grades]
        position = None
        if score.score is not None:
            others = together[score.standard_id, score.standard_version, key[2]]
            position = _position(standard, score.score, others)
        limit = min(score.cap_position or 0, len(names) - 1)
        earned = None if position is None else names[position]
        final = None if position is None else names[max(position, limit)]
        found[key] = replace(score, grade=final, earned_grade=earned)
    return found


def _position(standard: Standard, score: Decimal, others: Sequence[Decimal]) -> int | None:
    """0 for the best grade; None where none is reached."""
    if not standard.is_forced:
        return next((place for place, (_, lowest) in enumerate(standard.grades) if score >= lowest), None)
    better = sum(other > score for other in others)
    place = better + 1 if standard.ties == "better" else sum(other >= score for other in others)
    shares = ZERO
    for position, (_, share) in enumerate(standard.grades):
        shares += share
        if 100 * place <= shares * len(others):
            return position
    return None
