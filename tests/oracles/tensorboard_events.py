# /// script
# requires-python = ">=3.10"
# dependencies = ["tensorboard==2.21.0", "protobuf==7.36.2"]
# ///
"""TensorBoard's own package as the judge of our event files.

    python tests/oracles/tensorboard_events.py write          # ../fixtures/tensorboard.json
    python tests/oracles/tensorboard_events.py read RUN       # a run's folder below log/

`write` records checksums, and the bytes of an event file with one message of each kind, serialised
by the package's own classes. `read` loads a folder as TensorBoard does, checks what has to be there,
and prints it.
"""

import io
import json
import pathlib
import struct
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.compat.proto import event_pb2, summary_pb2, tensor_pb2, tensor_shape_pb2, types_pb2
from tensorboard.plugins.hparams import api_pb2, metadata, plugin_data_pb2
from tensorboard.summary.writer import record_writer

TIME = 1764108206.25
FILES = pathlib.Path(__file__).parent.parent / "fixtures" / "tensorboard.json"


def tensor(dtype, texts=(), dims=()):
    shape = tensor_shape_pb2.TensorShapeProto(
        dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in dims]
    )
    return tensor_pb2.TensorProto(dtype=dtype, tensor_shape=shape, string_val=texts)


def plugin(name, content=b""):
    return summary_pb2.SummaryMetadata(
        plugin_data=summary_pb2.SummaryMetadata.PluginData(plugin_name=name, content=content)
    )


def session(tag, **data):
    content = plugin_data_pb2.HParamsPluginData(version=0, **data).SerializeToString(deterministic=True)
    return summary_pb2.Summary.Value(
        tag=tag, tensor=tensor(types_pb2.DT_FLOAT), metadata=plugin("hparams", content)
    )


def events():
    def event(step, value):
        return event_pb2.Event(
            wall_time=TIME, step=step, summary=summary_pb2.Summary(value=[value])
        )

    yield event_pb2.Event(wall_time=TIME, file_version="brain.Event:2")
    yield event(0, summary_pb2.Summary.Value(
        tag="config/text_summary", tensor=tensor(types_pb2.DT_STRING, [b"a *text*"], [1]),
        metadata=plugin("text"),
    ))
    experiment = api_pb2.Experiment(
        time_created_secs=TIME,
        hparam_infos=[
            api_pb2.HParamInfo(name="batch_size", type=api_pb2.DATA_TYPE_FLOAT64),
            api_pb2.HParamInfo(name="class_weight", type=api_pb2.DATA_TYPE_BOOL),
            api_pb2.HParamInfo(name="loss", type=api_pb2.DATA_TYPE_STRING),
        ],
        metric_infos=[
            api_pb2.MetricInfo(name=api_pb2.MetricName(tag="eval/UAR"), display_name="eval/UAR")
        ],
    )
    yield event(0, session(metadata.EXPERIMENT_TAG, experiment=experiment))
    start = plugin_data_pb2.SessionStartInfo(group_name="demo, run 0", start_time_secs=TIME)
    start.hparams["batch_size"].number_value = 8
    start.hparams["class_weight"].bool_value = False
    start.hparams["loss"].string_value = "cross"
    yield event(0, session(metadata.SESSION_START_INFO_TAG, session_start_info=start))
    yield event(300, summary_pb2.Summary.Value(tag="train/loss", simple_value=0.625))
    yield event(300, summary_pb2.Summary.Value(
        tag="eval/confusion_matrix",
        image=summary_pb2.Summary.Image(
            height=200, width=100, colorspace=3, encoded_image_string=b"\x89PNG..."
        ),
    ))
    end = plugin_data_pb2.SessionEndInfo(status=api_pb2.STATUS_SUCCESS, end_time_secs=TIME)
    yield event(0, session(metadata.SESSION_END_INFO_TAG, session_end_info=end))


def write():
    checksums = []
    for data in [b"", b"a", b"123456789", bytes(32), bytes([255] * 32), bytes(range(256)) * 3]:
        checksums.append({"data": data.hex(), "masked": record_writer.masked_crc32c(data)})
    out = io.BytesIO()
    writer = record_writer.RecordWriter(out)
    lengths = []
    for event in events():
        data = event.SerializeToString(deterministic=True)
        lengths.append(len(data))
        writer.write(data)
    writer.flush()
    FILES.write_text(json.dumps({
        "checksums": checksums, "time": TIME, "lengths": lengths, "file": out.getvalue().hex(),
    }, indent=1) + "\n")


def read(folder):
    loaded = event_accumulator.EventAccumulator(folder, size_guidance={
        event_accumulator.SCALARS: 0, event_accumulator.IMAGES: 0, event_accumulator.TENSORS: 0,
    })
    loaded.Reload()
    tags = loaded.Tags()
    found = {"scalars": {}, "images": {}, "texts": [], "hparams": {}}
    for tag in tags["scalars"]:
        points = loaded.Scalars(tag)
        assert all(a.step <= b.step for a, b in zip(points, points[1:])), tag
        found["scalars"][tag] = [len(points), points[-1].step, points[-1].value]
    for tag in ["train/loss", "train/learning_rate", "train/grad_norm", "eval/loss"]:
        assert tag in found["scalars"], f"{tag} in {sorted(found['scalars'])}"
    assert any(tag.startswith("eval/") and tag != "eval/loss" for tag in found["scalars"])
    for tag in tags["images"]:
        image = loaded.Images(tag)[-1]
        png = image.encoded_image_string
        assert png.startswith(b"\x89PNG\r\n\x1a\n"), tag
        assert struct.unpack(">II", png[16:24]) == (image.width, image.height), tag
        found["images"][tag] = [image.width, image.height]
    plugins = loaded.PluginTagToContent("text")
    for tag in plugins:
        (text,) = loaded.Tensors(tag)[-1].tensor_proto.string_val
        assert b"[EXP]" in text, text
        found["texts"].append(tag)
    for tag, content in loaded.PluginTagToContent("hparams").items():
        data = plugin_data_pb2.HParamsPluginData.FromString(content)
        kind = data.WhichOneof("data")
        found["hparams"][tag] = kind
        if kind == "session_start_info":
            found["settings"] = sorted(data.session_start_info.hparams)
        if kind == "experiment":
            found["metrics"] = [info.name.tag for info in data.experiment.metric_infos]
            assert set(found["metrics"]) <= set(found["scalars"])
    assert sorted(found["hparams"].values()) == ["experiment", "session_end_info", "session_start_info"]
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write"]:
            write()
        case ["read", folder]:
            read(folder)
        case _:
            sys.exit(__doc__)
