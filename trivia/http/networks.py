"""Which addresses are one client."""

from ipaddress import IPv6Address, ip_address
from typing import Final

_IPV6_SITE_BITS: Final = 64


def network_of(address: str) -> str:
    """The key of one client: an IPv4 address, or the /64 that a site's IPv6 addresses share."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return f"{IPv6Address(int(parsed) >> _IPV6_SITE_BITS << _IPV6_SITE_BITS)}/{_IPV6_SITE_BITS}"
    return str(parsed)
