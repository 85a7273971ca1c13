#include "sight/jobs/records.h"

#include <algorithm>
#include <cmath>

#include "sight/jobs/coding.h"
#include "sight/jobs/face_code.h"

namespace sightline::jobs {
namespace {

enum class Type : std::uint8_t { hello = 1, clip, detection, sample, advance, finished, given_up, vector };

constexpr std::int64_t kMaxMilliseconds = std::int64_t{1} << 40;
constexpr int kMaxSide = 1 << 16;
constexpr float kFarPixels = 1e6F;

constexpr std::size_t kFaceBytes = 16 * sizeof(float);
/// How far from 1 a vector's length may be, squared.
constexpr float kLengthError = 0.02F;

struct Encoder {
  Writer& out;

  Type operator()(const Hello& hello) const {
    out.text(hello.key);
    return Type::hello;
  }
  Type operator()(const ClipFound& found) const {
    const ClipInfo& info = found.info;
    out.text(info.codec);
    out.text(info.container);
    out.number(static_cast<std::int32_t>(info.size.width));
    out.number(static_cast<std::int32_t>(info.size.height));
    out.number(info.duration_ms);
    out.number(info.frame_rate);
    out.number(static_cast<std::uint8_t>(info.full_range));
    out.number(found.frames);
    return Type::clip;
  }
  Type operator()(const Detection& detection) const {
    out.number(detection.ordinal);
    out.number(detection.frame);
    out.number(static_cast<std::uint8_t>(detection.pass));
    const std::size_t count = std::min(detection.faces.size(), kMaxFaces);
    out.number(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
      const analysis::Face& face = detection.faces[i];
      out.box(face.box);
      out.number(face.score);
      out.number(face.confidence);
      out.points(face.landmarks);
    }
    return Type::detection;
  }
  Type operator()(const FrameSample& sample) const {
    out.number(sample.timestamp_ms);
    const std::size_t count = std::min(sample.faces.size(), kMaxFaces);
    out.number(static_cast<std::uint32_t>(count));
    for (std::size_t i = 0; i < count; ++i) put_face(out, sample.faces[i]);
    return Type::sample;
  }
  Type operator()(const TrackVector& seen) const {
    out.number(seen.track);
    out.text(seen.model);
    for (const float value : seen.vector) out.number(value);
    return Type::vector;
  }
  Type operator()(const Advance& advance) const {
    out.number(advance.frames);
    return Type::advance;
  }
  Type operator()(const Finished& finished) const {
    out.number(finished.frames);
    out.number(finished.duration_ms);
    out.text(finished.damage);
    return Type::finished;
  }
  Type operator()(const GivenUp& given_up) const {
    out.number(static_cast<std::uint8_t>(given_up.error.kind));
    out.text(given_up.error.message);
    return Type::given_up;
  }
};

ClipFound read_clip(Reader& in) {
  ClipFound found;
  ClipInfo& info = found.info;
  info.codec = in.text();
  info.container = in.text();
  for (int* side : {&info.size.width, &info.size.height}) {
    *side = in.number<std::int32_t>();
    in.require(*side >= 1 && *side <= kMaxSide);
  }
  info.duration_ms = in.count(kMaxMilliseconds);
  info.frame_rate = in.number<double>();
  in.require(std::isfinite(info.frame_rate) && info.frame_rate >= 0 && info.frame_rate <= 1e6);
  info.full_range = in.flag();
  found.frames = in.count(kMaxFrames);
  return found;
}

Detection read_detection(Reader& in) {
  Detection detection;
  detection.ordinal = in.count(kMaxFrames);
  detection.frame = in.count(kMaxFrames);
  const auto pass = in.number<std::uint8_t>();
  in.require(pass <= static_cast<std::uint8_t>(tracking::Pass::coarse));
  detection.pass = static_cast<tracking::Pass>(pass);
  detection.faces.resize(in.items(kMaxFaces, kFaceBytes));
  for (analysis::Face& face : detection.faces) {
    face.box = in.box(kFarPixels);
    face.score = in.share();
    face.confidence = in.share();
    face.landmarks = in.points(kFarPixels);
  }
  return detection;
}

FrameSample read_sample(Reader& in) {
  FrameSample sample;
  sample.timestamp_ms = in.count(kMaxMilliseconds);
  sample.faces.resize(in.items(kMaxFaces, kLeastFaceBytes));
  for (SampledFace& face : sample.faces) face = get_face(in);
  return sample;
}

TrackVector read_vector(Reader& in) {
  TrackVector seen;
  seen.track = in.count(kMaxFrames);
  seen.model = in.text();
  in.require(!seen.model.empty());
  float length = 0;
  for (float& value : seen.vector) {
    value = in.real(1 + kLengthError);
    length += value * value;
  }
  in.require(std::fabs(length - 1) <= kLengthError);
  return seen;
}

GivenUp read_given_up(Reader& in) {
  GivenUp given_up;
  const auto kind = in.number<std::uint8_t>();
  in.require(kind <= static_cast<std::uint8_t>(ErrorKind::internal));
  given_up.error.kind = static_cast<ErrorKind>(kind);
  given_up.error.message = in.text();
  return given_up;
}

std::optional<Record> decode(std::uint8_t type, std::span<const std::uint8_t> payload) {
  Reader in(payload);
  Record record;
  switch (static_cast<Type>(type)) {
    case Type::hello:
      record = Hello{in.text()};
      break;
    case Type::clip:
      record = read_clip(in);
      break;
    case Type::detection:
      record = read_detection(in);
      break;
    case Type::sample:
      record = read_sample(in);
      break;
    case Type::advance:
      record = Advance{in.count(kMaxFrames)};
      break;
    case Type::finished: {
      Finished finished;
      finished.frames = in.count(kMaxFrames);
      finished.duration_ms = in.count(kMaxMilliseconds);
      finished.damage = in.text();
      record = std::move(finished);
      break;
    }
    case Type::vector:
      record = read_vector(in);
      break;
    case Type::given_up:
      record = read_given_up(in);
      break;
    default:
      return std::nullopt;
  }
  if (!in.whole()) return std::nullopt;
  return record;
}

}  // namespace

Bytes encode(const Record& record) {
  Writer payload;
  const Type type = std::visit(Encoder{payload}, record);
  return process::frame_record(static_cast<std::uint8_t>(type), payload.take());
}

Result<std::optional<Record>> RecordReader::next() {
  const auto broken = [&] {
    broken_ = true;
    return fail(ErrorKind::corrupt, "a worker's record is damaged");
  };
  if (broken_) return broken();
  const auto raw = stream_.next();
  if (!raw) return broken();
  if (!*raw) return std::optional<Record>();
  std::optional<Record> record = decode((*raw)->type, (*raw)->payload);
  if (!record) return broken();
  consumed_ += process::framed_size(**raw);
  return record;
}

}  // namespace sightline::jobs
