#include "sight/jobs/records.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace sightline::jobs {
namespace {

enum class Type : std::uint8_t { hello = 1, clip, detection, sample, advance, finished, given_up };

constexpr std::size_t kHead = 5;  // length (32 bit) and type
constexpr std::int64_t kMaxFrames = std::int64_t{1} << 40;
constexpr std::int64_t kMaxMilliseconds = std::int64_t{1} << 40;
constexpr int kMaxSide = 1 << 16;
constexpr float kFarPixels = 1e6F;
constexpr float kFarFractions = 100;

class Writer {
 public:
  template <typename T>
  void number(T value) {
    std::array<std::uint8_t, sizeof(T)> raw;
    std::memcpy(raw.data(), &value, sizeof(T));
    static_assert(std::endian::native == std::endian::little);
    bytes_.insert(bytes_.end(), raw.begin(), raw.end());
  }
  void text(const std::string& value) {
    const std::size_t size = std::min(value.size(), kMaxText);
    number(static_cast<std::uint32_t>(size));
    for (const char c : value.substr(0, size)) {
      bytes_.push_back(c >= ' ' && c <= '~' ? static_cast<std::uint8_t>(c) : '?');
    }
  }
  void box(const media::Box& box) {
    for (const float side : {box.x, box.y, box.width, box.height}) number(side);
  }
  void points(const std::array<media::Point, 5>& points) {
    for (const media::Point& point : points) {
      number(point.x);
      number(point.y);
    }
  }
  Bytes take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

/// Reads one payload. Once something is wrong all that follows is nothing.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  template <typename T>
  T number() {
    T value{};
    if (!good_ || bytes_.size() < sizeof(T)) {
      good_ = false;
      return value;
    }
    std::memcpy(&value, bytes_.data(), sizeof(T));
    bytes_ = bytes_.subspan(sizeof(T));
    return value;
  }
  std::int64_t count(std::int64_t most) {
    const auto value = number<std::int64_t>();
    require(value >= 0 && value <= most);
    return good_ ? value : 0;
  }
  float real(float most) {
    const auto value = number<float>();
    require(std::isfinite(value) && std::fabs(value) <= most);
    return good_ ? value : 0;
  }
  float share() {
    const float value = real(1);
    require(value >= 0);
    return good_ ? value : 0;
  }
  std::string text() {
    const auto size = number<std::uint32_t>();
    require(size <= kMaxText && size <= bytes_.size());
    if (!good_) return {};
    const std::string value(reinterpret_cast<const char*>(bytes_.data()), size);
    bytes_ = bytes_.subspan(size);
    require(std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; }));
    return value;
  }
  media::Box box(float most) {
    media::Box box;
    for (float* side : {&box.x, &box.y, &box.width, &box.height}) *side = real(most);
    require(box.width >= 0 && box.height >= 0);
    return box;
  }
  std::array<media::Point, 5> points(float most) {
    std::array<media::Point, 5> points;
    for (media::Point& point : points) {
      point.x = real(most);
      point.y = real(most);
    }
    return points;
  }
  /// How many items follow; each takes `bytes` at least.
  std::size_t items(std::size_t bytes) {
    const auto size = number<std::uint32_t>();
    require(size <= kMaxFaces && size <= bytes_.size() / bytes);
    return good_ ? size : 0;
  }
  bool flag() {
    const auto value = number<std::uint8_t>();
    require(value <= 1);
    return value == 1;
  }
  void require(bool holds) { good_ = good_ && holds; }
  [[nodiscard]] bool whole() const { return good_ && bytes_.empty(); }

 private:
  std::span<const std::uint8_t> bytes_;
  bool good_ = true;
};

constexpr std::size_t kFaceBytes = 16 * sizeof(float);
constexpr std::size_t kLeastSampledFace = sizeof(std::int64_t) + 5 * sizeof(float) + 1;

void put_face(Writer& out, const SampledFace& face) {
  out.number(face.track);
  out.box(face.box);
  out.number(face.confidence);
  out.number(static_cast<std::uint8_t>(face.landmarks.has_value()));
  if (face.landmarks) out.points(*face.landmarks);
}

SampledFace get_face(Reader& in) {
  SampledFace face;
  face.track = in.count(kMaxFrames);
  face.box = in.box(kFarFractions);
  face.confidence = in.share();
  if (in.flag()) face.landmarks = in.points(kFarFractions);
  return face;
}

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
  in.require(pass <= static_cast<std::uint8_t>(tracking::Pass::glance));
  detection.pass = static_cast<tracking::Pass>(pass);
  detection.faces.resize(in.items(kFaceBytes));
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
  sample.faces.resize(in.items(kLeastSampledFace));
  for (SampledFace& face : sample.faces) face = get_face(in);
  return sample;
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
  const Bytes body = payload.take();
  Writer out;
  out.number(static_cast<std::uint32_t>(body.size()));
  out.number(static_cast<std::uint8_t>(type));
  Bytes bytes = out.take();
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

void RecordReader::feed(std::span<const std::uint8_t> bytes) {
  if (broken_) return;
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(start_));
  start_ = 0;
  held_.insert(held_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Record>> RecordReader::next() {
  const auto broken = [&] {
    broken_ = true;
    held_.clear();
    start_ = 0;
    return fail(ErrorKind::corrupt, "a worker's record is damaged");
  };
  if (broken_) return broken();
  const std::span<const std::uint8_t> left = std::span(held_).subspan(start_);
  if (left.size() < kHead) return std::optional<Record>();
  std::uint32_t size = 0;
  std::memcpy(&size, left.data(), sizeof(size));
  if (size > kMaxPayload) return broken();
  if (left.size() < kHead + size) return std::optional<Record>();
  std::optional<Record> record = decode(left[4], left.subspan(kHead, size));
  if (!record) return broken();
  start_ += kHead + size;
  consumed_ += kHead + size;
  return record;
}

Bytes encode_face(const SampledFace& face) {
  Writer out;
  put_face(out, face);
  return out.take();
}

Result<SampledFace> decode_face(std::span<const std::uint8_t> bytes) {
  Reader in(bytes);
  SampledFace face = get_face(in);
  if (!in.whole()) return fail(ErrorKind::corrupt, "a face of a job's results is damaged");
  return face;
}

}  // namespace sightline::jobs
