"""The sandbox's own charts, for where the genuine chart repositories cannot be reached."""

from sandbox.charts.own_chart import all_charts
from sandbox.charts.own_chart import hosts as chart_hosts
from sandbox.charts.server import ChartServer, launcher, played_hosts

__all__ = ["ChartServer", "all_charts", "chart_hosts", "launcher", "played_hosts"]
