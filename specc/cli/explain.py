"""``specc explain CODE``"""

from __future__ import annotations

import click

from specc.cli.output import show_json
from specc.codes import all_codes
from specc.diagnostics import closest


@click.command("explain")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(code: str | None, as_json: bool) -> None:
    """Print the page of a diagnostic's code.

    Without CODE, list all codes and what they are about.
    """
    codes = all_codes()
    if code is not None:
        if code.upper() not in codes:
            meant = closest(code.upper(), codes)
            hint = f" Did you mean {meant}?" if meant else ""
            raise click.UsageError(f"There is no code {code}.{hint} `specc explain` lists them.")
        codes = {code.upper(): codes[code.upper()]}
    if as_json:
        show_json([{"code": c.id, "title": c.title, "page": c.page} for c in codes.values()])
    elif code is None:
        for found in codes.values():
            click.echo(f"{found.id}  {found.title}")
    else:
        (found,) = codes.values()
        click.echo(f"{found.id}: {found.title}\n\n{found.page.strip()}")
