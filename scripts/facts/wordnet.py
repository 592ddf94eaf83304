"""People, animals, plants and things from WordNet's nouns: what each is, and what its gloss says of it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from facts.fame import Fame

PEOPLE = ("name", "nation", "role", "field", "deed", "born", "died", "fame")
THINGS = ("name", "fame", "kind", "age", "clue", "note")

UNKIND = (
    "slur",
    "disparage",
    "offensive",
    "obscen",
    "vulgar",
    "derogat",
    "genital",
    "slang",
    "prostitut",
    "sexual",
    "terroris",
    "nazi",
    "drug",
    "narcotic",
)
"""What a gloss must not speak of."""

STALE = (
    "largest",
    "tallest",
    "highest",
    "longest",
    "currently",
    "now ",
    "formerly",
    "modern",
    "recent",
    "today",
    "Soviet Union",
    "Yugoslavia",
    "Czechoslovakia",
)


class Synset:
    """One meaning with its words, its pointers and its gloss."""

    __slots__ = ("gloss", "instance", "kind", "parents", "topics", "usage", "words")

    def __init__(self, line: str) -> None:
        head, gloss = line.rstrip("\n").split(" | ", 1)
        part = head.split(" ")
        count = int(part[3], 16)
        self.words = [part[4 + 2 * n].replace("_", " ") for n in range(count)]
        at = 4 + 2 * count
        pointers = [part[at + 1 + 4 * n : at + 5 + 4 * n] for n in range(int(part[at]))]
        self.parents = [p[1] for p in pointers if p[0] in {"@", "@i"} and p[2] == "n"]
        self.instance = any(p[0] == "@i" for p in pointers)
        self.topics = [p[1] for p in pointers if p[0] == ";c"]
        self.usage = any(p[0] == ";u" for p in pointers)
        self.kind = part[1]
        # A gloss may end with sentences that quote the word.
        self.gloss = re.split(r'; "', gloss.strip())[0].strip()


class Nouns:
    """All meanings of nouns, and what is below what."""

    def __init__(self, package: Path) -> None:
        text = (package / "package" / "dict" / "data.noun").read_text(encoding="utf-8")
        self.synsets = {line[:8]: Synset(line) for line in text.split("\n") if line and not line.startswith("  ")}
        self.children: dict[str, list[str]] = defaultdict(list)
        self.senses: dict[str, list[str]] = defaultdict(list)
        for key, synset in self.synsets.items():
            for parent in synset.parents:
                self.children[parent].append(key)
            for word in synset.words:
                self.senses[word.lower()].append(key)

    def find(self, word: str, gloss: str) -> str:
        """The one meaning of a word whose gloss holds a text. Raises ValueError where there is not exactly one."""
        found = [key for key in self.senses[word] if gloss in self.synsets[key].gloss]
        if len(found) != 1:
            raise ValueError(f"{word} ({gloss}): {found}")
        return found[0]

    def below(self, key: str) -> set[str]:
        """Everything below a meaning, by whatever way."""
        seen: set[str] = set()
        waiting = [key]
        while waiting:
            for child in self.children[waiting.pop()]:
                if child not in seen:
                    seen.add(child)
                    waiting.append(child)
        return seen


FIELDS = {
    "scientist": "physicist chemist biologist astronomer mathematician physiologist biochemist botanist naturalist geologist zoologist "
    "anthropologist bacteriologist anatomist neurologist psychologist pathologist geneticist economist psychiatrist psychoanalyst "
    "archaeologist linguist logician crystallographer geophysicist ornithologist embryologist immunologist",
    "inventor": "inventor engineer industrialist aviator printer manufacturer machinist",
    "physician": "physician surgeon nurse dentist",
    "writer": "writer poet novelist author dramatist playwright essayist critic lexicographer lyricist journalist satirist humorist diarist",
    "artist": "painter sculptor architect artist photographer engraver illustrator cartoonist etcher potter",
    "musician": "composer pianist singer violinist conductor musician cellist guitarist soprano tenor bandleader songwriter trumpeter",
    "performer": "actor actress filmmaker dancer choreographer showman magician comedian ballerina director",
    "ruler": "king queen emperor statesman politician general admiral diplomat soldier revolutionary president chieftain leader patriot "
    "conqueror ruler commander noblewoman",
    "explorer": "explorer navigator missionary seaman mountaineer",
    "thinker": "philosopher historian theologian educator jurist reformer suffragist feminist sociologist abolitionist",
    "athlete": "player prizefighter athlete swimmer golfer boxer skater jockey runner",
}
FIELD_OF = {role: field for field, roles in FIELDS.items() for role in roles.split()}

_PERSON = re.compile(
    r"^(?:the )?(?P<nation>(?:ancient )?[A-Z][a-z]+(?: States)?) (?P<role>[a-z][a-z -]*?)"
    r"(?: (?:\(born in [^)]*\) )?(?P<how>who|whose|noted for|known for|best known for|remembered for|famous for) (?P<deed>[^;]+?))?"
    r"(?:;[^(]*)? \((?:circa )?(?P<born>\d{3,4})-(?:circa )?(?P<died>\d{3,4})(?P<bc> BC)?\)$"
)
NATIONS = {
    "United States": "American",
    "Greek": "Greek",
    "Florentine": "Italian",
    "Venetian": "Italian",
    "Flemish": "Flemish",
}
NO_NATIONS = {
    "Soviet",
    "Czechoslovakian",
    "Yugoslavian",
    "Jewish",
    "Sauk",
    "Roman",
    "Elizabethan",
    "Catholic",
    "Victorian",
    "Islamic",
    "Byzantine",
}
ROLE_WORDS = 6
TITLES = ("Sir ", "Dame ", "Baron ", "Lord ", "Saint ", "Count ", "Duc ", "Marquis ", "Duke ", "Earl ", "de ", "De ")
ADVERBS = {
    "noted for": "is noted for",
    "known for": "is known for",
    "best known for": "is best known for",
    "remembered for": "is remembered for",
    "famous for": "is famous for",
}


def people(package: Path, fame: Fame, known: set[str]) -> Iterator[tuple[object, ...]]:
    """People of whom both years are known; `deed` is empty or goes on from "who ..."."""
    nouns = Nouns(package)
    person = nouns.below(nouns.find("person", "a human being"))
    for key in sorted(person):
        synset = nouns.synsets[key]
        if not synset.instance or synset.usage or any(word in synset.gloss.lower() for word in UNKIND):
            continue
        found = _PERSON.match(synset.gloss)
        full = [word for word in synset.words if len(word.split()) >= 2]
        if not found or not full or found["bc"] or found["nation"] in NO_NATIONS or "born in" in synset.gloss:
            continue
        role = found["role"].strip()
        words = [word for word in re.findall(r"[a-z]+", role) if word in FIELD_OF]
        born, died = int(found["born"]), int(found["died"])
        if not words or len(role.split(" ")) > ROLE_WORDS or not 15 <= died - born <= 105:
            continue
        how, deed = found["how"] or "", (found["deed"] or "").strip(" .")
        clause = (
            "" if not how else f"whose {deed}" if how == "whose" else deed if how == "who" else f"{ADVERBS[how]} {deed}"
        )
        clause = re.sub(r"(?<!the )United States", "American", clause).replace("`", "'")
        if any(word in clause for word in STALE) or len(clause) > 110 or clause.count("(") != clause.count(")"):
            clause = ""
        surname = synset.words[0].split()[-1]
        spoken = [word for word in full if word.split()[-1] == surname and not word.startswith(TITLES)]
        if not spoken or deed.startswith("("):
            continue
        name = min(spoken, key=lambda word: (len(word.split()), len(word)))
        yield (
            name, NATIONS.get(found["nation"], found["nation"]), role.replace("female ", "").replace("black ", ""), FIELD_OF[words[0]], clause, born, died,
            fame.of_person(name, known),
        )  # fmt: skip


KINDS = (
    # word, text of its gloss, what it is called in a question, topic, youngest age
    ("dish", "a particular item of prepared food", "dish", "food", 10),
    ("bread", "food made from dough", "bread", "food", 10),
    ("dessert", "a dish served as the last course", "dessert", "food", 9),
    ("sauce", "flavorful relish or dressing", "sauce", "food", 11),
    ("cheese", "a solid food prepared from the pressed curd", "cheese", "food", 11),
    ("pasta", "shaped and dried dough", "pasta", "food", 10),
    ("soup", "liquid food especially of meat", "soup", "food", 10),
    ("sausage", "highly seasoned minced meat", "sausage", "food", 12),
    ("beverage", "any liquid suitable for drinking", "drink", "food", 13),
    ("garment", "an article of clothing", "garment", "fashion", 10),
    ("headdress", "clothing for the head", "headdress", "fashion", 10),
    ("footwear", "covering for a person's feet", "kind of footwear", "fashion", 10),
    ("fabric", "artifact made by weaving", "fabric", "fashion", 11),
    ("musical instrument", "any of various devices or contrivances", "musical instrument", "music", 10),
    ("weapon", "any instrument or instrumentality used in fighting", "weapon", "history", 11),
    ("vessel", "a craft designed for water transportation", "vessel", "vehicles", 10),
    ("wheeled vehicle", "a vehicle that moves on wheels", "vehicle", "vehicles", 10),
    ("tool", "an implement used in the practice", "tool", "technology", 10),
    ("building", "a structure that has a roof", "building", "architecture", 11),
    ("dance", "an artistic form of nonverbal", "dance", "art", 11),
    ("worker", "a person who works at a specific occupation", "worker", "work", 10),
    ("furniture", "furnishings that make a room", "piece of furniture", "home", 10),
    ("geological formation", "the geological features of the earth", "feature of the land", "nature", 11),
)


def things(package: Path, fame: Fame) -> Iterator[tuple[object, ...]]:
    """Things with what their gloss says; the topic stands in front of the kind, parted by a colon."""
    nouns = Nouns(package)
    taken: Counter[str] = Counter()
    for word, gloss, label, topic, age in KINDS:
        try:
            keys = nouns.below(nouns.find(word, gloss))
        except ValueError as error:
            print("no kind", error)
            continue
        for key in sorted(keys):
            synset = nouns.synsets[key]
            name = synset.words[0]
            clue = _clue(synset.gloss)
            level = fame.zipf(name)
            if (
                synset.instance or synset.usage or clue is None or level < 2.0 or name[0].isupper() or taken[name]
                or len(nouns.senses[name.lower()]) > 3 or any(bad in synset.gloss.lower() for bad in UNKIND)
                or any(stale in synset.gloss for stale in STALE) or _shares(clue, synset.words)
            ):  # fmt: skip
                continue
            taken[name] += 1
            yield name, 1 if level >= 3.6 else 2 if level >= 2.7 else 3, f"{topic}:{label}", age, clue, ""


def _clue(gloss: str) -> str | None:
    """The first clause of a gloss as "is a ...", where it reads as one."""
    text = re.sub(r"^\([^)]*\) ", "", gloss.split(";", maxsplit=1)[0].strip()).replace("`", "'").strip()
    if (
        not 25 <= len(text) <= 105
        or "(" in text
        or text[0].isupper()
        or text.startswith(("any ", "(", "the act", "used ", "of ", "one of"))
    ):
        return None
    if not re.match(r"(?:a|an) [a-z]", text):
        return None
    return f"is {text}"


def _shares(clue: str, words: list[str]) -> bool:
    said = {w[:5] for w in re.findall(r"[a-z]{4,}", clue.lower())}
    return any(w[:5] in said for word in words for w in re.findall(r"[a-z]{4,}", word.lower()))
