"""Two network namespaces as two hosts, each with an agent of torchrun and a rank."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.launching import checkpoints, kill, project, trained, when

ADDRESSES = ("10.213.7.1", "10.213.7.2")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def hosts() -> Iterator[tuple[str, str]]:
    """Two namespaces with a cable between them."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("network namespaces need root, and the command `ip`")
    names = (f"specc{os.getpid()}a", f"specc{os.getpid()}b")
    try:
        for name in names:
            ip("netns", "add", name)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    try:
        ends = [f"veth{os.getpid() % 10**8}{end}" for end in "ab"]
        ip("link", "add", ends[0], "type", "veth", "peer", "name", ends[1])
        for name, end, address in zip(names, ends, ADDRESSES, strict=True):
            ip("link", "set", end, "netns", name)
            ip("-n", name, "address", "add", f"{address}/24", "dev", end)
            ip("-n", name, "link", "set", end, "up")
            ip("-n", name, "link", "set", "lo", "up")
        yield names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)


def agent(host: str, number: int, end: str, folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = ["ip", "netns", "exec", host, sys.executable, "-m", "torch.distributed.run"]
    command += ["--nnodes=2", "--nproc-per-node=1", "--max-restarts=3", "--rdzv-backend=c10d"]
    command += [f"--rdzv-endpoint={ADDRESSES[0]}:29777", "--rdzv-id=run", f"--node-rank={number}"]
    # The name of the machine is that of both hosts, so that none would take itself for the one.
    command += [f"--local-addr={ADDRESSES[number]}", f"--rdzv-conf=is_host={1 - number}"]
    command += ["-m", "specc", "train", "net.nnspec", *arguments]
    names = dict(os.environ, GLOO_SOCKET_IFNAME=end, OMP_NUM_THREADS="1")
    return subprocess.Popen(
        command, cwd=folder, env=names, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def worker(process: subprocess.Popen[str]) -> int:
    """The rank that an agent started; `ip` has become the agent."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    for child in map(int, children):
        if b"RANK=" in Path(f"/proc/{child}/environ").read_bytes():
            return child
    raise AssertionError("the agent has no rank")


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["ddp", "fsdp"])
def test_two_hosts_and_a_rank_that_is_killed(
    hosts: tuple[str, str], strategy: str, tmp_path: Path
) -> None:
    folder = project(tmp_path / "project")
    status, _, err = trained(folder, "--nproc", "2", "--runs", "one", f"train.strategy={strategy}")
    assert status == 0, err
    ends = [f"veth{os.getpid() % 10**8}{end}" for end in "ab"]
    agents = [
        agent(host, number, end, folder, f"train.strategy={strategy}")
        for number, (host, end) in enumerate(zip(hosts, ends, strict=True))
    ]
    try:
        when(lambda: len(checkpoints(folder)) > 1)
        kill(worker(agents[1]))
        ended = [process.communicate(timeout=300) for process in agents]
    finally:
        for process in agents:
            process.kill()
    assert [process.returncode for process in agents] == [0, 0], ended
    assert "goes on after step" in "".join(err for _, err in ended)
    for name in ("weights.safetensors", "metrics.jsonl"):
        one, two = (folder / runs / "net/1" / name for runs in ("one", "runs"))
        assert one.read_bytes() == two.read_bytes(), name
