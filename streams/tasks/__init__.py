"""Each partition is processed exactly once: Faust consumes and assigns, a task owns state, changelog and transaction.

Begin with worker.py (what a worker is), task.py (what a task does) and transaction.py (what dying costs). log.py is
the port on which a task runs: kafka_log.py, or memory_log.py in simulations. gate_agent.py is the one without a task.
"""
