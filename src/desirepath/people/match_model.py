"""How much does each likeness say? A Fellegi-Sunter model of the records, fitted by Splink.

How often two records of different people show a level (u) is counted in a sample of pairs; how often two of one person
do (m) is learnt by expectation maximisation in sets of pairs that agree in something else. How many pairs are one
person at all is what the scores themselves add up to. Where there are few such pairs, our guesses outweigh what was
learnt from them; with many they vanish.
"""

from __future__ import annotations

import contextlib
import copy
import importlib.util
import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from desirepath.errors import InputError
from desirepath.people.match_fields import Comparison

Array = npt.NDArray[Any]
Settings = dict[str, Any]

SEED = 1
SAMPLED_PAIRS = 1_000_000
"""Pairs in which u is counted, at most."""
ONE_CHUNK = 200_000
"""So many are counted at once."""
ENOUGH_OF_EACH = 200
"""When every level was seen this often, no more pairs are counted."""
TRAINING_PAIRS = 1_000_000
FEWEST_TRAINING_PAIRS = 20
FEW = 5
"""So many records with one e-mail address or birth date do not make it a common one."""
GUESS_WEIGHS = 20.0
"""Our guess of m weighs as much as this many pairs of one person."""
FEWEST_MATCHES = 10
"""Where fewer pairs seem to be one person, nothing is learnt from them."""
MOST_DIFFERENT = 0.5
"""What EM says is not believed where it says that most pairs of one person differ: it found something else."""
FIRST_PAIRS = 500_000
"""In about so many pairs is counted, by guesses, how many are one person."""
EVEN = 0.5
"""The share of matches that Splink is told, so that its weights say what the records say and nothing else."""
FAINT_BITS = 0.0
"""Pairs for which less speaks are not kept; even with every second pair a match they would be doubtful."""
START, MOST_ROUNDS = 0.01, 5000


def require_splink() -> None:
    """Refuse with what to install.

    Raises
    ------
    InputError
        When Splink is not installed.
    """
    if importlib.util.find_spec("splink") is None:
        raise InputError(
            "Suggesting links between records needs Splink, which is not installed: pip install 'desirepath[match]'."
        )


class Model:
    """A model of the table `records` of a connection, whose table `pairs` says what is to be scored.

    Parameters
    ----------
    connection
        A database of its own.
    comparisons
        What is compared; the position is the number in `gamma_…`.
    records
        How many there are.

    Raises
    ------
    InputError
        When Splink is not installed.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, comparisons: Sequence[Comparison], records: int) -> None:
        require_splink()
        self._cores = int(connection.execute("SELECT current_setting('threads')").fetchall()[0][0])
        self._connection = connection
        self._comparisons = comparisons
        self._possible = records * (records - 1) / 2
        self._rare = [each.columns[0] for each in comparisons if each.rarely_shared]
        for column in self._rare:
            connection.execute(
                f"""CREATE TABLE frequent_{column} AS SELECT {column}, count(*) / sum(count(*)) OVER () AS tf_{column}
                FROM records WHERE {column} IS NOT NULL GROUP BY {column} QUALIFY count(*) > {FEW}"""
            ).fetchall()
        self._same = [self._share_of_same(each.columns[0]) if each.starts_equal else None for each in comparisons]
        self._settings: Settings = {
            "link_type": "dedupe_only",
            "comparisons": [_settings(f"c{k}", each) for k, each in enumerate(comparisons)],
            "probability_two_random_records_match": 1 / records,
            "retain_matching_columns": True,
            "retain_intermediate_calculation_columns": True,
            "em_convergence": 1e-5,
            "max_iterations": 100,
        }

    def scored(self, rules: Sequence[tuple[str, ...]], tell: Callable[[str], None]) -> tuple[pa.Table, Array]:
        """Fit the model and score the pairs.

        Parameters
        ----------
        rules
            Sets of columns; pairs that agree in one are learnt from.
        tell
            Told what is being done.

        Returns
        -------
        Splink's table of pairs that are not hopeless, and float64[pairs]: the probability that they are one person.
        """
        with _quiet(), _plain_errors():
            tell("counting what chance does")
            counted = self._count()
            tell("scoring by guesses")
            share = self._first_look(self._model(counted, None, 0.0))
            tell("learning")
            learnt = self._learn(self._model(counted, None, share), share, rules)
            tell("scoring")
            pairs, weights = self._weigh(self._model(counted, learnt, share), "pairs")
            share = share_of_matches(weights, self._possible)
        return pairs, 1.0 / (1.0 + np.exp2(-(weights + np.log2(share / (1 - share)))))

    def _linker(self, settings: Settings) -> tuple[Any, Any]:
        from splink import DuckDBAPI, Linker

        tables = DuckDBAPI(self._connection)
        records = tables.register(self._connection.table("records"))
        linker = Linker(records, settings, log_level=None, validate_settings=False)
        for column in self._rare:
            frequent = tables.register(self._connection.table(f"frequent_{column}"))
            linker.table_management.register_term_frequency_lookup(frequent, column)
        return tables, linker

    def _share_of_same(self, column: str) -> float:
        """Which share of all pairs that have the column have it in common."""
        found = self._connection.execute(
            f"""SELECT sum(many * (many - 1)) / greatest(sum(many) * (sum(many) - 1), 1)
            FROM (SELECT count(*) AS many FROM records WHERE {column} IS NOT NULL GROUP BY {column})"""
        ).fetchall()
        return float(found[0][0] or 0.0)

    def _count(self) -> list[tuple[Array, Array]]:
        """For each comparison how often any pair shows each level, and of how many pairs that was counted."""
        _, linker = self._linker(self._settings)
        linker.training.estimate_u_using_random_sampling(
            max_pairs=SAMPLED_PAIRS,
            seed=SEED,
            min_count_per_level=ENOUGH_OF_EACH,
            num_chunks=10 if self._possible > ONE_CHUNK else 1,
        )
        counted = []
        for found, same in zip(_levels(linker), self._same, strict=True):
            shown = np.array([_number(level.get("u_probability")) for level in found])
            of = np.full(len(shown), float(min(self._possible, SAMPLED_PAIRS)))
            if same is not None:
                shown[0], of[0] = same, self._possible
            counted.append((shown, of))
        return counted

    def _learn(self, start: Settings, share: float, rules: Sequence[tuple[str, ...]]) -> list[Array]:
        """For each comparison how often pairs of one person show each level; our guess where nothing was learnt."""
        from splink import block_on

        matches = share * self._possible
        found: list[list[Array]] = [[] for _ in self._comparisons]
        self._threads(1)  # sums of fractions must not depend on who came first
        for rule in rules if matches >= FEWEST_MATCHES else ():
            _, linker = self._linker({**start, "probability_two_random_records_match": share})
            try:
                linker.training.estimate_parameters_using_expectation_maximisation(
                    block_on(*rule), estimate_without_term_frequencies=True, max_pairs=TRAINING_PAIRS
                )
            except ValueError:  # a probability beyond what a float holds: EM ran into a corner
                continue
            for learnt, comparison, levels in zip(found, self._comparisons, _levels(linker), strict=True):
                m = np.array([_number(level.get("m_probability")) for level in levels])
                if not set(rule) & set(comparison.columns) and m.sum() > 0.5 and m[-1] <= MOST_DIFFERENT * m.sum():
                    learnt.append(m / m.sum())
        self._threads(self._cores)
        guesses = [_guess(comparison) for comparison in self._comparisons]
        return [
            (matches * np.mean(learnt, axis=0) + GUESS_WEIGHS * guess) / (matches + GUESS_WEIGHS) if learnt else guess
            for learnt, guess in zip(found, guesses, strict=True)
        ]

    def _threads(self, many: int) -> None:
        self._connection.execute(f"SET threads = {many}").fetchall()

    def _model(self, counted: list[tuple[Array, Array]], learnt: list[Array] | None, share: float) -> Settings:
        """A model with m as learnt or guessed, and u as counted but freed of the pairs that are one person."""
        made = copy.deepcopy(self._settings)
        for number, (comparison, (shown, of)) in enumerate(zip(self._comparisons, counted, strict=True)):
            m = _guess(comparison) if learnt is None else learnt[number].copy()
            u = np.maximum.reduce([shown - share * m, np.sqrt(shown / of), 0.5 / of])
            # what agrees never speaks against, and what differs never for
            m[0], m[-1] = max(m[0], u[0]), min(m[-1], u[-1])
            levels = made["comparisons"][number]["comparison_levels"][1:]
            for level, of_matches, of_others in zip(levels, m.tolist(), u.tolist(), strict=True):
                level["m_probability"], level["u_probability"] = of_matches, of_others
        made["probability_two_random_records_match"] = EVEN
        return made

    def _first_look(self, model: Settings) -> float:
        """Which share of all pairs is one person, going by a model of guesses and by so many pairs."""
        count = int(self._connection.execute("SELECT count(*) FROM pairs").fetchall()[0][0])
        every = max(1, count // FIRST_PAIRS)
        self._connection.execute(
            f"CREATE TABLE some_pairs AS SELECT * FROM pairs WHERE hash(join_key_l, join_key_r) % {every} = 0"
        ).fetchall()
        return share_of_matches(self._weigh(model, "some_pairs")[1], self._possible / every)

    def _weigh(self, model: Settings, table: str) -> tuple[pa.Table, Array]:
        """Splink's table of the pairs, and what speaks for each in bits, whatever is known of pairs at large."""
        tables, linker = self._linker(model)
        pairs = tables.register(self._connection.table(table))
        linker.table_management.register_blocked_pairs_for_predict(pairs)
        found = linker.inference.predict(threshold_match_weight=FAINT_BITS, warning_mode="never").as_pyarrow_table()
        found = found.sort_by([("unique_id_l", "ascending"), ("unique_id_r", "ascending")])
        return found, found.column("match_weight").to_numpy()


def share_of_matches(weights: Array, possible: float) -> float:
    """Which share of all pairs is one person, so that the probabilities of the pairs add up to it.

    Parameters
    ----------
    weights
        float64[pairs]: what speaks for each, in bits; pairs that are not given have nothing to speak for them.
    possible
        How many pairs there are.
    """
    odds = np.exp2(np.clip(weights, -100, 100))
    share = START
    for _ in range(MOST_ROUNDS):
        before = share
        share = max(float((share * odds / (share * odds + 1 - share)).sum()) / possible, 0.5 / possible)
        if abs(np.log(share / before)) < 1e-9:
            break
    return share


def _guess(comparison: Comparison) -> Array:
    guess = np.array([level.among_matches for level in comparison.levels])
    made: Array = guess / guess.sum()
    return made


def _levels(linker: Any) -> list[list[Settings]]:
    """The levels of each comparison as Splink now has them, without the one of missing values."""
    return [each["comparison_levels"][1:] for each in linker.misc.save_model_to_json()["comparisons"]]


def _number(value: object) -> float:
    """A probability of Splink's, which says in words what it has not seen."""
    return float(value) if isinstance(value, int | float) else 0.0


def _settings(name: str, comparison: Comparison) -> Settings:
    """The comparison as Splink takes it; the first level is always the one of missing values."""
    levels: list[Settings] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level, guess in zip(comparison.levels, _guess(comparison).tolist(), strict=True):
        given: Settings = {
            "sql_condition": level.sql,
            "label_for_charts": level.says,
            "m_probability": guess,
        }
        if level.common is not None:
            given |= {
                "tf_adjustment_column": level.common,
                "tf_adjustment_weight": 1.0,
                "disable_tf_exact_match_detection": True,
            }
        levels.append(given)
    return {"output_column_name": name, "comparison_levels": levels}


@contextlib.contextmanager
def _plain_errors() -> Iterator[None]:
    """Give the database's own errors, such as that memory is short, and not Splink's wrapping of them."""
    try:
        yield
    except Exception as problem:
        if isinstance(problem.__cause__, duckdb.Error | RuntimeError):
            raise problem.__cause__ from None
        raise


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Splink from talking."""
    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(before)
