"""Writes and reads Perfetto traces with Python's protobuf: independent of the reader and the writer in TypeScript.

    perfetto.py encode < events.json > trace        perfetto.py decode < trace > events.json

The messages are made of the published field numbers, only as far as scheduler events need them.
"""

import json
import sys
import zlib

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

# message: fields of (name, number, type); "*" repeated, "+" repeated and packed.
MESSAGES = {
    "Trace": [("packet", 1, "*TracePacket")],
    "TracePacket": [
        ("ftrace_events", 1, "FtraceEventBundle"),
        ("process_tree", 2, "ProcessTree"),
        ("timestamp", 8, "uint64"),
        ("trusted_packet_sequence_id", 10, "uint32"),
        ("ftrace_stats", 34, "FtraceStats"),
        ("synchronization_marker", 36, "bytes"),
        ("system_info", 45, "SystemInfo"),
        ("compressed_packets", 50, "bytes"),
    ],
    "FtraceEventBundle": [
        ("cpu", 1, "uint32"),
        ("event", 2, "*FtraceEvent"),
        ("lost_events", 3, "bool"),
        ("compact_sched", 4, "CompactSched"),
        ("ftrace_clock", 5, "int32"),
        ("generic_event_descriptors", 11, "*GenericEventDescriptor"),
    ],
    "GenericEventDescriptor": [("field_id", 1, "int32"), ("event_descriptor", 2, "bytes")],
    "CompactSched": [
        ("switch_timestamp", 1, "+uint64"),
        ("switch_prev_state", 2, "+int64"),
        ("switch_next_pid", 3, "+int32"),
        ("switch_next_prio", 4, "+int32"),
        ("intern_table", 5, "*string"),
        ("switch_next_comm_index", 6, "+uint32"),
        ("waking_timestamp", 7, "+uint64"),
        ("waking_pid", 8, "+int32"),
        ("waking_target_cpu", 9, "+int32"),
        ("waking_prio", 10, "+int32"),
        ("waking_comm_index", 11, "+uint32"),
        ("waking_common_flags", 12, "+uint32"),
    ],
    "FtraceEvent": [
        ("timestamp", 1, "uint64"),
        ("pid", 2, "uint32"),
        ("sched_switch", 4, "SchedSwitch"),
        ("sched_wakeup", 17, "SchedWakeup"),
        ("sched_waking", 20, "SchedWakeup"),
        ("sched_wakeup_new", 114, "SchedWakeup"),
        ("sched_process_exec", 237, "SchedProcessExec"),
        ("sched_process_exit", 238, "SchedProcessExit"),
        ("sched_process_fork", 239, "SchedProcessFork"),
        ("generic", 327, "Generic"),
        ("sched_migrate_task", 491, "SchedMigrateTask"),
        ("described", 65540, "bytes"),
    ],
    "SchedSwitch": [
        ("prev_comm", 1, "string"),
        ("prev_pid", 2, "int32"),
        ("prev_prio", 3, "int32"),
        ("prev_state", 4, "int64"),
        ("next_comm", 5, "string"),
        ("next_pid", 6, "int32"),
        ("next_prio", 7, "int32"),
    ],
    "SchedWakeup": [
        ("comm", 1, "string"),
        ("pid", 2, "int32"),
        ("prio", 3, "int32"),
        ("success", 4, "int32"),
        ("target_cpu", 5, "int32"),
    ],
    "SchedProcessExec": [("filename", 1, "string"), ("pid", 2, "int32"), ("old_pid", 3, "int32")],
    "SchedProcessExit": [("comm", 1, "string"), ("pid", 2, "int32"), ("tgid", 3, "int32"), ("prio", 4, "int32")],
    "SchedProcessFork": [
        ("parent_comm", 1, "string"),
        ("parent_pid", 2, "int32"),
        ("child_comm", 3, "string"),
        ("child_pid", 4, "int32"),
    ],
    "SchedMigrateTask": [
        ("comm", 1, "string"),
        ("pid", 2, "int32"),
        ("prio", 3, "int32"),
        ("orig_cpu", 4, "int32"),
        ("dest_cpu", 5, "int32"),
    ],
    "Generic": [("event_name", 1, "string"), ("field", 2, "*GenericField")],
    "GenericField": [
        ("name", 1, "string"),
        ("str_value", 3, "string"),
        ("int_value", 4, "int64"),
        ("uint_value", 5, "uint64"),
    ],
    "ProcessTree": [("processes", 1, "*Process"), ("threads", 2, "*Thread")],
    "Process": [("pid", 1, "int32"), ("ppid", 2, "int32"), ("cmdline", 3, "*string")],
    "Thread": [("tid", 1, "int32"), ("name", 2, "string"), ("tgid", 3, "int32")],
    "FtraceStats": [("phase", 1, "int32"), ("cpu_stats", 2, "*FtraceCpuStats")],
    "FtraceCpuStats": [("cpu", 1, "uint64"), ("overrun", 3, "uint64"), ("dropped_events", 8, "uint64")],
    "SystemInfo": [
        ("utsname", 1, "Utsname"),
        ("tracing_service_version", 4, "string"),
        ("num_cpus", 8, "uint32"),
    ],
    "Utsname": [("sysname", 1, "string"), ("version", 2, "string"), ("release", 3, "string"), ("machine", 4, "string")],
}
DESCRIBED_ID = 65540


def message_classes(messages, package):
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name=package + ".proto", package=package, syntax="proto2")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for field_name, number, kind in fields:
            field = message.field.add(name=field_name, number=number, label=kinds.LABEL_OPTIONAL)
            if kind[0] in "*+":
                field.label = kinds.LABEL_REPEATED
                field.options.packed = kind[0] == "+"
                if kind[0] == "*":
                    field.ClearField("options")
                kind = kind[1:]
            if kind in messages:
                field.type = kinds.TYPE_MESSAGE
                field.type_name = "." + package + "." + kind
            else:
                field.type = getattr(kinds, "TYPE_" + kind.upper())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(package + "." + name)) for name in messages
    }


CLASSES = message_classes(MESSAGES, "kernel_oracle_test")


def described_class():
    """sched_stat_runtime as a message that only the trace itself describes."""
    fields = [("comm", 1, "string"), ("pid", 2, "int64"), ("runtime", 3, "uint64")]
    classes = message_classes({"sched_stat_runtime": fields}, "described")
    return classes["sched_stat_runtime"]


DESCRIBED = described_class()


def add_event(bundle, event, options):
    message = bundle.event.add(timestamp=int(event["ns"]), pid=event["pid"])
    name, fields = event["name"], event["fields"]
    if name in message.DESCRIPTOR.fields_by_name:
        target = getattr(message, name)
        target.SetInParent()
        for key, value in fields.items():
            setattr(target, key, value)
    elif options.get("describe"):
        message.described = DESCRIBED(**fields).SerializeToString()
    else:
        message.generic.event_name = name
        for key, value in fields.items():
            field = message.generic.field.add(name=key)
            if isinstance(value, str):
                field.str_value = value
            else:
                field.uint_value = value


def add_compact(bundle, events):
    compact = bundle.compact_sched
    names = {}
    latest = {"switch": 0, "waking": 0}
    for event in events:
        fields, kind = event["fields"], event["name"][len("sched_") :]
        time = int(event["ns"])
        comm = fields["next_comm" if kind == "switch" else "comm"]
        index = names.setdefault(comm, len(names))
        getattr(compact, kind + "_timestamp").append(time - latest[kind])
        latest[kind] = time
        if kind == "switch":
            compact.switch_prev_state.append(fields["prev_state"])
            compact.switch_next_pid.append(fields["next_pid"])
            compact.switch_next_prio.append(fields["next_prio"])
            compact.switch_next_comm_index.append(index)
        else:
            compact.waking_pid.append(fields["pid"])
            compact.waking_target_cpu.append(fields["target_cpu"])
            compact.waking_prio.append(fields["prio"])
            compact.waking_comm_index.append(index)
            compact.waking_common_flags.append(1)
    compact.intern_table.extend(names)


def bundles_of(events, options):
    size = options.get("roundEvents", 1000)
    for start in range(0, len(events), size):
        brought = events[start : start + size]
        for cpu in sorted({event["cpu"] for event in brought}):
            bundle = CLASSES["FtraceEventBundle"](cpu=cpu)
            own = [event for event in brought if event["cpu"] == cpu]
            compact_names = ("sched_switch", "sched_waking") if options.get("isCompact") else ()
            arrays = [event for event in own if event["name"] in compact_names]
            for event in own:
                if event["name"] not in compact_names:
                    add_event(bundle, event, options)
            if arrays:
                add_compact(bundle, arrays)
            if options.get("describe"):
                described = descriptor_pb2.DescriptorProto()
                DESCRIBED.DESCRIPTOR.CopyToProto(described)
                bundle.generic_event_descriptors.add(
                    field_id=DESCRIBED_ID, event_descriptor=described.SerializeToString()
                )
            yield bundle


def encode(events, options):
    trace = CLASSES["Trace"]()
    info = trace.packet.add(trusted_packet_sequence_id=1).system_info
    info.utsname.sysname = "Linux"
    info.utsname.release = options.get("release", "6.18.5")
    info.num_cpus = options.get("cpuCount", 2)
    tree = trace.packet.add(timestamp=1, trusted_packet_sequence_id=2).process_tree
    for tid, tgid in options.get("tgids", {}).items():
        tree.threads.add(tid=int(tid), tgid=tgid)
    stats = trace.packet.add(trusted_packet_sequence_id=3).ftrace_stats
    stats.phase = 2
    stats.cpu_stats.add(cpu=0, overrun=options.get("overwritten", 0))
    for bundle in bundles_of(events, options):
        trace.packet.add(trusted_packet_sequence_id=3).ftrace_events.CopyFrom(bundle)
    if not options.get("compression"):
        return trace.SerializeToString()
    outer = CLASSES["Trace"]()
    for start in range(0, len(trace.packet), 7):
        inner = CLASSES["Trace"](packet=trace.packet[start : start + 7])
        outer.packet.add(compressed_packets=zlib.compress(inner.SerializeToString()))
    return outer.SerializeToString()


def decode(data):
    """Events by CPU in the order of the file, each as in `encode`; arrays come as events without what they lack."""
    trace = CLASSES["Trace"]()
    trace.ParseFromString(data)
    for packet in trace.packet:
        if packet.HasField("compressed_packets"):
            yield from decode(zlib.decompress(packet.compressed_packets))
        elif packet.HasField("ftrace_events"):
            yield from decode_bundle(packet.ftrace_events)


def decode_bundle(bundle):
    for message in bundle.event:
        event = {"cpu": bundle.cpu, "ns": str(message.timestamp), "pid": message.pid}
        if message.HasField("generic"):
            generic = message.generic
            fields = {}
            for field in generic.field:
                for kind in ("str_value", "int_value", "uint_value"):
                    if field.HasField(kind):
                        fields[field.name] = getattr(field, kind)
            yield {**event, "name": generic.event_name, "fields": fields}
            continue
        for descriptor, value in message.ListFields():
            if descriptor.name not in ("timestamp", "pid"):
                fields = {field.name: content for field, content in value.ListFields()}
                yield {**event, "name": descriptor.name, "fields": fields}
    compact = bundle.compact_sched
    for kind in ("switch", "waking"):
        now = 0
        for index, distance in enumerate(getattr(compact, kind + "_timestamp")):
            now += distance
            fields = {}
            for descriptor, values in compact.ListFields():
                prefix, _, name = descriptor.name.partition("_")
                if prefix == kind and name != "timestamp":
                    if name.endswith("comm_index"):
                        fields[name[: -len("_index")]] = compact.intern_table[values[index]]
                    else:
                        fields[name] = values[index]
            yield {"cpu": bundle.cpu, "ns": str(now), "pid": -1, "name": "sched_" + kind, "fields": fields}


if __name__ == "__main__":
    if sys.argv[1] == "encode":
        request = json.load(sys.stdin)
        sys.stdout.buffer.write(encode(request["events"], request["options"]))
    else:
        json.dump(list(decode(sys.stdin.buffer.read())), sys.stdout)
