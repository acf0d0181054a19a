"""The lists that come with the program. They grow old: `fleet networks refresh` gets newer ones.

Only senders that publish their addresses are here. Slack, Shopify and Twilio publish none for their webhooks.
"""

from typing import Final

from domain.named.named_list import NamedList

_LISTS: Final = (
    NamedList(
        name="bitbucket",
        title="Bitbucket Cloud",
        source="https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/",
        feed="https://ip-ranges.atlassian.com/",
        as_of="2026-06-18",
        # The blocks from which Atlassian's regions call others, as far as they serve Bitbucket.
        networks=(
            "13.52.5.96/28",
            "13.236.8.224/28",
            "18.136.214.96/28",
            "18.184.99.224/28",
            "18.234.32.224/28",
            "18.246.31.224/28",
            "52.215.192.224/28",
            "104.192.137.240/28",
            "104.192.140.240/28",
            "104.192.142.240/28",
            "104.192.143.240/28",
            "185.166.142.240/28",
            "185.166.143.240/28",
            "2401:1d80:3204:3::/64",
            "2401:1d80:3204:4::/63",
            "2401:1d80:3208:3::/64",
            "2401:1d80:3208:4::/63",
            "2401:1d80:3210:3::/64",
            "2401:1d80:3210:4::/63",
            "2401:1d80:3214:3::/64",
            "2401:1d80:3214:4::/63",
            "2401:1d80:321c:3::/64",
            "2401:1d80:321c:4::/63",
            "2401:1d80:3224:3::/64",
            "2401:1d80:3224:4::/63",
        ),
    ),
    NamedList(
        name="github",
        title="GitHub",
        source="https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/about-githubs-ip-addresses",
        feed="https://api.github.com/meta",
        # https://github.blog/changelog/2026-10-29-webhook-ip-ranges-added-to-the-meta-api
        as_of="2026-10-29",
        networks=(
            "9.234.98.160/27",
            "9.234.106.48/28",
            "140.82.112.0/20",
            "143.55.64.0/20",
            "185.199.108.0/22",
            "192.30.252.0/22",
            "2606:50c0::/32",
            "2a0a:a440::/29",
        ),
    ),
    NamedList(
        name="gitlab",
        title="GitLab.com",
        source="https://docs.gitlab.com/user/gitlab_com/#ip-range",
        feed="",
        as_of="2026-05-21",
        networks=("34.74.90.64/28", "34.74.226.0/24"),
    ),
    NamedList(
        name="paddle",
        title="Paddle (live)",
        source="https://developer.paddle.com/webhooks/respond-to-webhooks",
        feed="https://api.paddle.com/ips",
        as_of="2026-10-10",
        networks=(
            "34.195.105.136/32",
            "34.212.5.7/32",
            "34.232.58.13/32",
            "34.237.3.244/32",
            "35.155.119.135/32",
            "52.11.166.252/32",
        ),
    ),
    NamedList(
        name="paddle-sandbox",
        title="Paddle (sandbox)",
        source="https://developer.paddle.com/webhooks/respond-to-webhooks",
        feed="https://sandbox-api.paddle.com/ips",
        as_of="2026-07-24",
        networks=(
            "3.208.120.145/32",
            "34.194.127.46/32",
            "44.226.236.210/32",
            "44.241.183.62/32",
            "54.234.237.108/32",
            "100.20.172.113/32",
        ),
    ),
    NamedList(
        name="stripe",
        title="Stripe",
        source="https://docs.stripe.com/ips#webhook-notifications",
        feed="https://stripe.com/files/ips/ips_webhooks.json",
        as_of="2026-05-15",
        networks=(
            "3.18.12.63/32",
            "3.69.109.8/32",
            "3.120.168.93/32",
            "3.130.192.231/32",
            "13.235.14.237/32",
            "13.235.122.149/32",
            "18.211.135.69/32",
            "35.154.171.200/32",
            "35.157.207.129/32",
            "52.15.183.38/32",
            "54.88.130.119/32",
            "54.88.130.237/32",
            "54.187.174.169/32",
            "54.187.205.235/32",
            "54.187.216.72/32",
        ),
    ),
)

SHIPPED: Final = {each.name: each for each in _LISTS}
"""By name."""
