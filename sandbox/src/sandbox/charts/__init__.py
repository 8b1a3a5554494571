"""The sandbox's own charts, for where the genuine chart repositories cannot be reached."""

from sandbox.charts.own_chart import hosts as chart_hosts
from sandbox.charts.server import ChartServer, launcher

__all__ = ["ChartServer", "chart_hosts", "launcher"]
