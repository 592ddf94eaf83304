"""Technology and business: companies, founders, products and tools."""

from trivia.generation.facts.asking.common import WRITTEN
from trivia.generation.facts.asking.groups import Groups, group_of, member_of, odd_one_out
from trivia.generation.facts.core import Subject

PRODUCTS = Groups("written/company_products", "{m} comes from {g}", "Others: {s}.", WRITTEN)
FOUNDERS = Groups("written/founders", "{m} goes back to {g}", "", WRITTEN, beside="{m} goes back to {g}.")
HOMES = Groups("written/company_countries", "{m} comes from {g}", "Others: {s}.", WRITTEN)
MAKES = Groups("written/motor_makes", "{m} is a name among {g}", "Others: {s}.", WRITTEN)

SUBJECT = Subject(
    "Technology",
    (
        group_of(PRODUCTS, "company_of_a_product", 70, ("Which company brought out {m}?", "{m} came from which company?")),
        member_of(PRODUCTS, "product_of_a_company", 65, ("Which of these came from {g}?", "{g} brought out which of these?")),
        odd_one_out(PRODUCTS, "product_of_another_company", 40, ("Three of these came from {g}. Which one did not?",), "{m} is from {o}; the other three are from {g}."),
        group_of(FOUNDERS, "founder_of_a_company", 40, ("Who founded {m}?", "To whom does {m} go back?")),
        member_of(FOUNDERS, "company_of_a_founder", 40, ("What did {g} found?", "Which of these was founded by {g}?")),
        group_of(HOMES, "country_of_a_company", 65, ("In which country did {m} begin?", "From which country is {m}?")),
        member_of(HOMES, "company_of_a_country", 65, ("Which of these names comes from {g}?", "Which of these began in {g}?")),
        group_of(MAKES, "trade_of_a_name", 55, ("The name {m} is known for which of these?", "For which of these does the name {m} stand?")),
        member_of(MAKES, "name_of_a_trade", 50, ("Which name is known for {g}?", "Looking for {g}: which name fits?")),
    ),
)  # fmt: skip
