"""docs/fidelity.md lists every guess: the source has them in one form."""

from tools.guesses import SOURCE, guesses, table


def test_a_guess_is_one_sentence_of_a_comment() -> None:
    source = (
        "x = 1\n# Guess: the words for it.\ny = 2\n    # Guess: the code and\n    # the words for another.\n    z = 3\n"
    )
    assert list(guesses(source)) == ["the words for it.", "the code and the words for another."]


def test_every_guess_in_the_sandbox_has_that_form() -> None:
    for file in SOURCE.rglob("*.py"):
        text = file.read_text()
        found = len(list(guesses(text)))
        assert text.lower().count("guess") == found, f"{file.relative_to(SOURCE)}: write `# Guess: <one sentence>.`"
    assert len(table().splitlines()) > 20
