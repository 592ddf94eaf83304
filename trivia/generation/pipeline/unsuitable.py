"""Words that do not belong into a question for the young, by the age from which they may stand in one.

English alone; whole words and phrases, as they stand between single spaces in lower case. The list errs on the side of a child: a
question that is refused costs one candidate. Where a word has a harmless meaning as well, the phrases in which it has it are left alone.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

_FROM_AGE: Final[dict[int, str]] = {
    10: r"""
        murder(?:s|ed|er|ers|ing|ous)? kill(?:s|ed|er|ers|ing|ings)? slaughter(?:s|ed|ing)? massacre[sd]?
        assassin(?:s|ate|ated|ates|ation|ations)? corpses? cadavers? dead_bod(?:y|ies) tortur(?:e|es|ed|er|ers|ing)
        execut(?:ed|ion|ions|ioner|ioners) behead(?:s|ed|ing)? decapitat(?:e|es|ed|ing|ion) hanged
        strangl(?:e|es|ed|er|ing) stab(?:s|bed|bing|bings)? bloodbath bloodshed bloodiest bloodthirsty
        terroris(?:t|ts|m) hostages? kidnap(?:s|ped|per|pers|ping)? abduct(?:ed|ion|ions|or)? genocid(?:e|es|al)
        holocaust auschwitz nazis? concentration_camps? death_(?:camps?|row|penalty|sentence) gas_chambers?
        extermination cannibal(?:s|ism|istic)? bomb(?:s|ed|er|ers|ing|ings)?
        shot_(?:dead|and_killed|to_death|him|her|himself|herself|in_the_head) gunned_down gunman gunmen shootings?
        guillotined? gallows noose electric_chair lethal_injection sentenced_to_death put_to_death
        burn(?:ed|t)_(?:alive|at_the_stake) buried_alive
        (?:beaten|burned|burnt|starved|stoned|trampled|crushed|frozen|froze|bled|choked|mauled|scalded)_to_death
        human_sacrifices? sacrificial mutilat(?:e|ed|ing|ion) dismember(?:ed|ing|ment)? disembowel(?:led|ed|ling)?
        impal(?:e|ed|er|ing) crucif(?:y|ied|ixion|ixions) scalped skinned_alive flayed electrocut(?:ed|ion)
        homicid(?:e|es|al) manslaughter war_crimes? war_criminals? mass_graves?
        severed_(?:heads?|hands?|arms?|legs?|fingers?|limbs?) shot_by blood(?:y|ied|stains?|stained) ripper slasher
        chainsaw exorcis(?:m|t|ts) horror_(?:films?|movies?|novels?)
        cut_off_(?:his|her|their|the)_(?:heads?|hands?|ears?|fingers?|legs?|arms?) machine_guns? arson(?:ist|ists)?
        psychopath(?:s|ic)?
        """,
    13: r"""
        suicid(?:e|es|al) cigar(?:ettes?|s) tobacco whisk(?:y|ey) vodka tequila drunk drunkards? drunken drunkenness
        hangover casinos? gambl(?:e|er|ers|ing) abortions? contracepti(?:ve|ves|on) condoms? divorce mistress(?:es)?
        adulter(?:y|er|ess) (?:love|extramarital|secret)_affairs? syphilis gonorrho?ea lynch(?:ed|ing|ings) gore
        gory bastards? damn crap
        """,
    16: r"""
        sex sexual(?:ly|ity)? erotic(?:a|ism)? nud(?:e|es|ity|ist|ists) naked penis(?:es)? vaginas? genital(?:s|ia)
        testicles? orgasms? intercourse prostitut(?:e|es|ed|ion) brothels? strippers? striptease heroin cocaine
        marijuana cannabis methamphetamine lsd ecstasy opium overdos(?:e|ed|es) junkies? rap(?:e|ed|es|ist|ists)
        pa?edophil(?:e|es|ia) incest(?:uous)? molest(?:ed|ing|er|ation)? bdsm kinky
        """,
    18: r"""
        porn(?:o|ography|ographic|star|stars)? hentai fuck(?:s|ed|er|ing)? motherfuckers? (?:bull)?shits? cunts?
        whores? sluts? cocks? dildos? blowjobs? masturbat(?:e|ed|es|ing|ion) bitch(?:es)? nigg(?:er|ers|a|as)
        fagg?ots? kikes? gooks? wetbacks? towelheads?
        """,
}
"""For each age in years, expressions for what may be used from then on; _ is a space."""

_UNSUITABLE: Final = {
    age: re.compile(rf"(?<= )(?:{'|'.join(words.split()).replace('_', ' ')})(?= )") for age, words in _FROM_AGE.items()
}

_HARMLESS: Final = re.compile(
    r"(?<= )(?:killer (?:whales?|bees?)|shooting (?:stars?|guards?)|to kill a mockingbird|naked eyes?|naked mole rats?|"
    r"oilseed rape|rape seeds?|al gore|bath bombs?|cherry bombs?|weather cocks?|cock a doodle doo|cock of the rock|"
    r"sex of (?:a|an|the)|kill time)(?= )"
)
"""Phrases in which such a word has a meaning of its own."""

_DRUNK: Final = re.compile(
    r" (?:is|are|was|were|be|been|being)(?: (?!a |an |the |he |she |they |who )\w+){0,2}? drunk(?= )"
    r"|(?<= )drunk(?= (?:hot|cold|warm|iced|chilled|from|with|through|out of|for breakfast) )"
)
_DRINK: Final = re.compile(
    r" (?:drinks?|beverages?|teas?|coffee|cocoa|chocolate|milk|juices?|water|lemonade|mate|soda|cola|kefir|lassi|smoothies?|squash|"
    r"soups?|broth|cups?|straws?) "
)
"""What is drunk is no drunk, where there is something to drink."""

_WHISKEY: Final = re.compile(r"(?<= )whiskey(?= )")
_SPELLING: Final = re.compile(r" (?:pilots?|spell|spells|spelled|spelling|alphabets?|code words?) ")
"""Nor is it for grown-ups alone where it stands for a W."""


class Unsuitable(NamedTuple):
    """A word, and the age in years from which on it may be used."""

    word: str
    age: int


def find_unsuitable(texts: Sequence[str], age: int) -> Unsuitable | None:
    """The first word that is not for somebody of this age; the texts as words between single spaces, one before the first as well."""
    drinkable, spelling = (any(map(place.search, texts)) for place in (_DRINK, _SPELLING))
    for text in texts:
        innocent = _HARMLESS.sub("…", text)
        if drinkable:
            innocent = _DRUNK.sub(" …", innocent)
        if spelling:
            innocent = _WHISKEY.sub("…", innocent)
        for from_age, unsuitable in _UNSUITABLE.items():
            if age < from_age and (found := unsuitable.search(innocent)):
                return Unsuitable(found[0], from_age)
    return None
