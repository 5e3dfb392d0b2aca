"""jobtagger and Python on the same machine in the same minutes: the table of the README.

    python3 -m venv venv && venv/bin/pip install -r bench/requirements.txt
    python3 -m venv venv-nc && venv-nc/bin/pip install -r bench/requirements-neural-cherche.txt
    python3 bench/side_by_side.py ./jobtagger venv/bin/python MODEL [REPEATS [ADS [venv-nc/bin/python]]]

Every contender is measured once per repeat, in turn, each in a process of its own, so that whatever else the machine does meets all
alike. The table has medians over repeats, and in brackets the median ratio to PyTorch within a repeat: times as fast. A contender that
cannot run (no library, no package) is named below the table. What the training steps have in common and where they differ: python_bench.py.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COLUMNS = {"load": "load, ms", "encode": "encode, tokens/s", "MaxSim": "MaxSim, pairs/s", "train step": "train step, tokens/s", "tag whole ads": "tag, ads/s"}
PYTHON = ("torch", "sentence-transformers", "openvino", "openvino-int8")
NEURAL_CHERCHE = ("neural-cherche", "neural-cherche-longest")  # needs an older transformers than the others
ROUNDS = "3"  # of every stage within a process, after a first one that does not count
REFERENCE = "torch"
SCRIPT = Path(__file__).parent / "python_bench.py"


def contenders(program, python, neural_cherche, folder, ads):
    ours = [program, "bench", "--json", "--model", folder, "--ads", ads, "--rounds", ROUNDS]
    commands = {backend: [*ours, "--backend", backend] for backend in ("go", "onnx", "xla:cpu")}
    pythons = {library: python for library in PYTHON} | {library: neural_cherche for library in NEURAL_CHERCHE if neural_cherche}
    return commands | {library: [path, str(SCRIPT), library, folder, ads, ROUNDS] for library, path in pythons.items()}


def run(command, text=None):
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, input=text, env={**os.environ, "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"})
    if done.returncode:
        complaints = [line for line in done.stderr.splitlines() if line and not line.startswith("See: ")]
        raise RuntimeError(complaints[-1] if complaints else "no message")
    return done.stdout, time.perf_counter() - start


def speed(stage):
    """Larger is faster: items per second, loads per second."""
    return stage["items"] / stage["median_seconds"]


def cell(name, all_of, reference):
    if not all_of or name not in all_of[0]["stages"]:
        return ""
    value = statistics.median(speed(r["stages"][name]) for r in all_of)
    text = f"{1000 / value:.0f}" if name == "load" else f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    ratios = [speed(a["stages"][name]) / speed(b["stages"][name]) for a, b in zip(all_of, reference)]  # PyTorch has all stages
    return f"{text} ({statistics.median(ratios):.2f})" if ratios else text


def measure(commands, repeats):
    reports, failed = {name: [] for name in commands}, {}
    for repeat in range(repeats):
        for name, command in commands.items():
            if name in failed:
                continue
            print(f"repeat {repeat + 1} of {repeats}: {name}", file=sys.stderr)
            try:
                report = json.loads(run(command)[0].splitlines()[-1])["reports"][0]  # libraries print before it
            except RuntimeError as err:
                failed[name] = str(err)
                continue
            report["stages"] = {stage["name"]: stage for stage in report["stages"]}
            reports[name].append(report)
    return reports, failed


def cold_starts(program, python, folder, repeats):
    """Seconds of processes that tag one ad with the starter, and of those that cannot, why."""
    run([program, "model", "convert", "starter", folder, "--to", "sentence-transformers"])
    commands = {
        "jobtagger tag": [program, "tag", "-"],
        "jobtagger tag --backend go": [program, "tag", "--backend", "go", "-"],
        "sentence-transformers": [python, str(SCRIPT), "cold", folder],
    }
    seconds, failed = {name: [] for name in commands}, {}
    for _ in range(repeats):
        for name, command in commands.items():
            if name in failed:
                continue
            try:
                seconds[name].append(run(command, "Finance Officer")[1])
            except RuntimeError as err:
                failed[name] = str(err)
    return seconds, {f"{name}, whole process": reason for name, reason in failed.items()}


def main(program, python, model, repeats="3", ads="20", neural_cherche=None):
    with tempfile.TemporaryDirectory() as folder:
        run([program, "model", "convert", model, f"{folder}/model", "--to", "sentence-transformers"])
        load = os.getloadavg()[0]
        reports, failed = measure(contenders(program, python, neural_cherche, f"{folder}/model", ads), int(repeats))
        starts, unstarted = cold_starts(program, python, f"{folder}/starter", int(repeats))
    failed |= unstarted
    if not neural_cherche:
        failed["neural-cherche"] = "no Python given"
    print(f"| {model}, {ads} ads | " + " | ".join(COLUMNS.values()) + " | peak MB |")
    print("|---" * (len(COLUMNS) + 2) + "|")
    for name, of in reports.items():
        if of:
            peak = statistics.median(r["peak_memory_bytes"] for r in of) / 1e6
            print(f"| {of[0]['backend']} | " + " | ".join(cell(stage, of, reports[REFERENCE]) for stage in COLUMNS) + f" | {peak:.0f} |")
    for name, seconds in starts.items():
        if seconds:
            print(f"\none ad with the starter, whole process: {name} {statistics.median(seconds):.2f} s", end="")
    print(f"\n\n{os.cpu_count()} CPUs; load average {load:.1f} before, {os.getloadavg()[0]:.1f} after; medians of {repeats} repeats")
    for name, reason in failed.items():
        print(f"not run: {name}: {reason}")


if __name__ == "__main__":
    main(*sys.argv[1:])
