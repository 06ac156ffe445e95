"""Writes the page of a release."""

from mcp_server.operation.context import Context
from mcp_server.records.incident_page import with_entries
from mcp_server.records.look_release import Release
from mcp_server.records.release import page
from mcp_server.records.timeline import Entry


def write_entry(ctx: Context, release: Release, entry: Entry) -> None:
    """Append the entry to the release's page. The first one creates the page, and its folder if it is missing."""
    files, inside = ctx.world.files, release.home.folder
    if release.begun:
        text = with_entries(files.read_text(release.page), [entry], {})
    else:
        text = page(release.draft, (Entry(entry.at, entry.author, "begun", ""), entry))
        files.make_folder(release.page.parent, inside=inside)
    files.replace(release.page, text.encode(), inside=inside, mode=0o644)
