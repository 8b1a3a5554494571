"""The charts of a sandbox: genuine where their repositories answer, or the user has them in Helm's cache."""

from sandbox.charts import helm_cache
from sandbox.charts.own_chart import all_charts
from sandbox.charts.server import played_hosts
from sandbox.parts import Part
from sandbox.paths import SandboxPaths


def charts(paths: SandboxPaths) -> list[Part]:
    """Return each chart, as the running chart server gives it; none while it does not run."""
    played = played_hosts(paths.charts)
    if played is None:
        return []
    found: list[Part] = []
    for chart in all_charts():
        name = f"chart {chart.name}"
        for repository in chart.repositories:
            genuine = repository.split("/")[2] not in played
            found.append(Part(name, genuine, where=repository, found=genuine))
        archives = {version: helm_cache.archive(chart.name, version) for version in chart.versions}
        found += [
            Part(name, genuine=True, version=version.removeprefix("v"), where=str(archive), found=True)
            for version, archive in archives.items()
            if archive and played
        ]
    return found
