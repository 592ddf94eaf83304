"""Words that the comparison of questions has to know, in English.

Questions in other languages are compared without them, by their words as they are.
"""

from typing import Final

STOPWORDS: Final = frozenset(
    """
    a an the of in on at to for by with from as into is are was were be been being am do does did done has have had having will would
    shall should can could may might must which what who whom whose where when why how that this these those it its there their
    theirs they them his her hers he she him you your yours we our us and one ones if than then so also just please exactly
    following name called named known term word given tell choose select pick identify find answer question correct option
    i me my myself himself herself itself themselves here picture pictured image shown above below
    """.split()
)
"""What carries grammar, or only asks. The answers of the two questions agree anyway, so who or when need not be compared."""

NEGATIONS: Final = frozenset(
    """
    not no never none neither nor cannot except without isn aren wasn weren don doesn didn hasn haven hadn wouldn shouldn couldn
    """.split()
)
"""`isn't` is cut into `isn` and `t`."""

LIGHT: Final = frozenset(
    """
    about above according across actor actress actually after again against air album all allow allowed almost along alongside
    also although always america american among animal animated animation another any anybody appear appearance appeared appears
    approximately area around artist ask asked associate associated author average away band base based became because become
    becoming before began begin believe beloved below best between book both bring british brought build built but call came can
    cartoon cause celebrate celebrated century certain character chemical city claim claimed classic come comedy comes common
    commonly company compose composed composer consider considered consist contain correct correctly country create currency day
    debut decade define defined denote depict describe described describes develop different director doing down drama during
    each enough entitled episode establish even ever every everybody everyone exact explorer expression fact famous feature
    featured features featuring few fictional figure film form formed founding full game gave general generally get give given
    gives go goes gone got great group happen has hear heard held help here hit hold holds hollywood home honor host however
    human if imagine include inside instrument internal international invented inventor involve it item itself just keep kept
    kind knew know known language large later least less let lie lies like line live lived lives located long look lot lyric
    lyrics made main mainly make man many mean meaning means meet member mentioned met moment month more most mostly move
    moved movie much music musical musician name national native nearly need note novel novelist now number object off official
    often once only or order origin original originally originate originated other out over own painted painter part people per
    perform performance performed performer person phrase place play plus popular popularly portray portrayal portrayed portrays
    president primary produce product program proper properly proverb put quotation quote quoted real really record recorded
    refer regard regarded region release released represent republic result return role roughly run said same saw say saying
    season see seen sentence serve served serves set several show similar since sing singer single sitcom situated smash solar some
    somebody someone something sometimes song speak special spend spoken stand state statement states stay still story studio
    subject such suppose symbol system take taken tale team term territory text thing think though through time title titled
    today together took total traditional tried true try tune turn turned tv typically under unit united until up usa use used
    usually value version very want way well went while who widely widespread word work world write writer written wrote year
    yet yield
    """.split()
)
"""Generic wording of questions, which says little of what is asked for."""

_SYNONYMS: Final = """
    big large huge
    biggest largest greatest
    small little tiny
    smallest littlest tiniest
    begin start commence debut premiere
    began started commenced
    begins starts commences
    end finish
    ended finished
    movie film flick motion picture
    movies films
    author writer
    wrote penned authored written
    make create produce
    made created produced
    makes creates produces
    located situated
    use employ utilise utilize
    used employed utilised utilized
    kind type sort
    kinds types sorts
    nation country
    nations countries
    happen occur
    happened occurred
    happens occurs
    singer vocalist
    release launch introduce
    released launched introduced
    air airwaves
    final last
    doctor dr
    mount mt
    saint st
    mister mr
    nicknamed dubbed
    discovered found
    belong belongs
    refer refers
    show series
    city town
    quick fast rapid
    near close
    nearest closest
    fastest quickest
    sing sang sung sings
    star stars starred
    usa states america american
    britain uk
    tv television
    famous renowned
    regarded considered
    contain contains include includes
    colour color
    colours colors
    centre center
    theatre theater
    harbour harbor
    labour labor
    honour honor
    favourite favorite
    grey gray
    metre meter
    metres meters
    litre liter
    litres liters
    aluminium aluminum
    sulphur sulfur
    defence defense
    percent %
    tsar czar
    less under fewer
    more over
    play plays played portray portrays portrayed
"""

_DEMONYMS: Final = """
    africa african
    argentina argentine argentinian
    asia asian
    australia australian
    austria austrian
    belgium belgian
    brazil brazilian
    britain british
    canada canadian
    chile chilean
    china chinese
    cuba cuban
    denmark danish
    egypt egyptian
    england english
    europe european
    finland finnish
    france french
    germany german
    greece greek
    hungary hungarian
    iceland icelandic
    india indian
    ireland irish
    israel israeli
    italy italian
    japan japanese
    mexico mexican
    netherlands dutch
    norway norwegian
    poland polish
    portugal portuguese
    romania romanian
    russia russian
    scotland scottish
    spain spanish
    sweden swedish
    switzerland swiss
    turkey turkish
    ukraine ukrainian
    wales welsh
"""

COUNTRIES: Final = frozenset(line.split()[0] for line in _DEMONYMS.strip().splitlines()) | {"usa"}
SYNONYMS: Final = {
    word: line.split()[0] for line in (_SYNONYMS + _DEMONYMS.strip()).strip().splitlines() for word in line.split()[1:]
}
"""Each word by the one that stands for all that mean the same where the answer is the same."""

CONTRASTS: Final = """
1 last next previous
former latter
early late
earlier later
earliest latest
old new young
older newer younger
oldest newest youngest
big small
bigger smaller
biggest smallest
high low
higher lower
highest lowest
long short
longer shorter
longest shortest
deep shallow
wide narrow
fast slow
faster slower
fastest slowest
heavy light
heavier lighter
heaviest lightest
hot cold
hottest coldest
near far
nearest farthest
most least fewest
more less fewer
best worst
better worse
maximum minimum
before after during since until
above below over under
up down
inside outside
born died
birth death
begin end
won lost
win lose
winner loser
positive negative
odd even
true false
real fake
plus minus times
add subtract
solid liquid gas
male female
father mother son daughter brother sister husband wife uncle aunt grandfather grandmother
north south east west northern southern eastern western
left right
morning evening noon midnight
day night
summer winter spring autumn fall
singular plural
major minor
sharp flat natural
upper lower
vertical horizontal
clockwise anticlockwise counterclockwise
import export
buy sell
domestic wild
home away
half double triple quarter
hydrogen oxygen nitrogen helium carbon
mercury venus earth mars jupiter saturn uranus neptune pluto
red orange yellow green blue purple violet pink brown black white grey silver gold
and or xor nand
""".strip().splitlines()
"""Words that are put against each other, a line for each kind.

Where all else is the same, one instead of another asks for something else.
"""

CALENDAR: Final = frozenset(
    """
    monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december
    """.split()
)
"""Words that have a capital letter and say when."""

NUMBERS: Final = {
    word: str(number)
    for number, word in enumerate(
        (
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
            "nineteen twenty"
        ).split(),
        2,
    )
} | {
    "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90",
    "hundred": "100", "thousand": "1000", "million": "1000000", "billion": "1000000000", "once": "1x", "twice": "2x",
}  # fmt: skip

_SUFFIXES: Final = {1: "st", 2: "nd", 3: "rd"}
ORDINALS: Final = {
    word: f"{number}{_SUFFIXES.get(number, 'th')}"
    for number, word in enumerate(
        (
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
            "sixteenth seventeenth eighteenth nineteenth twentieth"
        ).split(),
        1,
    )
}

DEICTIC: Final = frozenset("these following here picture shown above below".split())
"""What points at the options or at a picture: the question is not whole without them."""

MINOR_IN_ANSWERS: Final = frozenset(
    """
    of in and to his her their about around approximately a an the at on by near is are was were it they mount lake river city state
    republic king queen president saint sir doctor
    """.split()
)
"""What an answer may have or not have: what a name is of, and how exact a number is."""

ALIKE: Final = frozenset(
    """
    gambia zambia iceland ireland austria australia slovakia slovenia niger nigeria guinea guyana ghana guiana mauritius mauritania
    sweden sudan dominica dominican india indiana iran iraq mali malawi oman yemen panama panamas congo tonga samoa korea georgia
    chlorine chloride sulfite sulfate sulphite sulphate nitrite nitrate phosphate phosphite ethane ethene ethyne methane methanol
    ethanol propane propene butane butene glucose galactose lactose bolivia libya liberia siberia serbia latvia monet manet
    prime crime trail trial angel angle desert dessert medal metal moral mortal statue stature planet planets affect effect
    princes princess cousin cousins horse house mouse moose goose grade trade brake break lager larger father farther rather
    quite quiet their there three weather whether stationary stationery principal principle complement compliment council counsel
    meter meteor comet comma mars march marsh earth hearth heart water later winter winner dinner hitler hustler lenin lennon
    """.split()
)
"""Words an edit apart from another that is right as well, which are therefore never slips of the pen."""

LOOKALIKES: Final = str.maketrans(
    "АВЕЅІЈКМНОРСТУХавеѕіјкмнорстухԁԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧοαν",
    "ABESIJKMHOPCTYXabesijkmhopctyxdqwABEZHIKMNOPTYXoav",
)
"""Cyrillic and Greek letters by the Latin ones that they look like."""
