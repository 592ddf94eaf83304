"""Words that do not belong into a question for the young, by the age from which they may stand in one.

English alone; whole words, in any letter case. The list errs on the side of a child: a question that is refused costs one candidate.
"""

from typing import Final

FROM_AGE: Final[dict[int, frozenset[str]]] = {
    10: frozenset(
        """
        murder murders murdered murderer murderers killer killers slaughter slaughtered massacre massacred assassin assassinate assassinated
        assassination corpse corpses torture tortured execution executed executioner beheaded hanged strangled stabbed bloodbath
        terrorist terrorists terrorism hostage hostages kidnapped genocide holocaust cannibal cannibals cannibalism
        """.split()
    ),
    13: frozenset(
        """
        suicide suicidal cigarette cigarettes tobacco whisky vodka tequila drunk drunkard hangover casino gambling gambler
        abortion contraceptive contraception condom condoms divorce mistress adultery affair syphilis gonorrhoea gonorrhea
        lynching lynched gore gory bastard bastards damn crap
        """.split()
    ),
    16: frozenset(
        """
        sex sexual sexually sexuality erotic erotica nude nudity naked penis vagina genitals testicles orgasm intercourse prostitute
        prostitutes prostitution brothel brothels stripper strippers striptease heroin cocaine marijuana cannabis methamphetamine
        lsd ecstasy opium overdose overdosed junkie rape raped rapist paedophile pedophile incest molested bdsm kinky
        """.split()
    ),
    18: frozenset(
        """
        porn porno pornography pornographic pornstar hentai fuck fucking fucked fucker motherfucker shit bullshit cunt whore whores slut
        sluts cock dildo blowjob masturbate masturbation bitch bitches
        """.split()
    ),
}
"""For each age in years, the words that may be used from then on."""
