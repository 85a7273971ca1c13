#include "sight/jobs/face_code.h"

#include <tuple>

namespace sightline::jobs {
namespace {

constexpr float kFarFractions = 100;
/// Landmarks that are the face's own points.
constexpr std::size_t kOwnPoints = std::tuple_size_v<decltype(analysis::Face::landmarks)>;
constexpr std::size_t kMaxMatches = 4096;
constexpr std::size_t kLeastMatchBytes = 2 * sizeof(collections::Uuid) + 6 * sizeof(double);

void put_uuid(Writer& out, const collections::Uuid& uuid) {
  for (const std::uint8_t byte : uuid.bytes) out.number(byte);
}

collections::Uuid get_uuid(Reader& in) {
  collections::Uuid uuid;
  for (std::uint8_t& byte : uuid.bytes) byte = in.number<std::uint8_t>();
  return uuid;
}

FaceMatch get_match(Reader& in) {
  FaceMatch match;
  match.similarity = in.real(100);
  collections::Face& face = match.face;
  face.id = get_uuid(in);
  face.image = get_uuid(in);
  if (in.flag()) face.external_image_id = in.text();
  for (double* number :
       {&face.box.left, &face.box.top, &face.box.width, &face.box.height, &face.confidence}) {
    *number = in.number<double>();
    in.require(std::isfinite(*number));
  }
  face.model.id = in.text();
  face.model.normalisation = in.text();
  return match;
}

/// What follows a face's box.
enum class Points : std::uint8_t { none, five, measured };

constexpr float kFarDegrees = 360;

void put_judgement(Writer& out, const std::optional<faces::Judgement>& judgement) {
  out.number(static_cast<std::uint8_t>(judgement.has_value()));
  if (!judgement) return;
  out.number(static_cast<std::uint8_t>(judgement->value));
  out.number(judgement->confidence);
}

std::optional<faces::Judgement> get_judgement(Reader& in) {
  if (!in.flag()) return std::nullopt;
  const bool value = in.flag();
  return faces::Judgement{value, in.share()};
}

/// All but the face and the first five landmarks, which stand before it.
void put_details(Writer& out, const faces::FaceDetails& details) {
  const std::size_t names = faces::landmark_names().size();
  const bool all = details.landmarks.size() == names;
  out.number(static_cast<std::uint8_t>(all));
  for (std::size_t i = kOwnPoints; all && i < names; ++i) {
    out.number(details.landmarks[i].place.x);
    out.number(details.landmarks[i].place.y);
  }
  out.number(static_cast<std::uint8_t>(details.quality.has_value()));
  if (details.quality) {
    out.number(details.quality->brightness);
    out.number(details.quality->sharpness);
  }
  out.number(static_cast<std::uint8_t>(details.pose.has_value()));
  if (details.pose) {
    for (const float angle : {details.pose->roll, details.pose->yaw, details.pose->pitch}) out.number(angle);
  }
  put_judgement(out, details.mouth_open);
  put_judgement(out, details.eyes_open);
  out.number(static_cast<std::uint8_t>(details.eye_direction.has_value()));
  if (details.eye_direction) {
    out.number(details.eye_direction->yaw);
    out.number(details.eye_direction->pitch);
    out.number(details.eye_direction->confidence);
  }
}

faces::FaceDetails get_details(Reader& in, const analysis::Face& face) {
  faces::FaceDetails details;
  details.face = face;
  const auto names = faces::landmark_names();
  details.landmarks = faces::five_landmarks(face.landmarks);
  if (in.flag()) {
    for (std::size_t i = kOwnPoints; i < names.size(); ++i) {
      const float x = in.real(kFarFractions);
      details.landmarks.push_back({names[i], {x, in.real(kFarFractions)}});
    }
  }
  const auto percent = [&in] {
    const float value = in.real(100);
    in.require(value >= 0);
    return value;
  };
  if (in.flag()) {
    const float brightness = percent();
    details.quality = {brightness, percent()};
  }
  if (in.flag()) {
    const float roll = in.real(kFarDegrees);
    const float yaw = in.real(kFarDegrees);
    details.pose = {roll, yaw, in.real(kFarDegrees)};
  }
  details.mouth_open = get_judgement(in);
  details.eyes_open = get_judgement(in);
  if (in.flag()) {
    const float yaw = in.real(kFarDegrees);
    const float pitch = in.real(kFarDegrees);
    details.eye_direction = {yaw, pitch, in.share()};
  }
  return details;
}

}  // namespace

void put_face(Writer& out, const SampledFace& face) {
  out.number(face.track);
  out.box(face.box);
  out.number(face.confidence);
  const Points points = !face.landmarks ? Points::none : face.details ? Points::measured : Points::five;
  out.number(static_cast<std::uint8_t>(points));
  if (points != Points::none) out.points(*face.landmarks);
  if (points == Points::measured) put_details(out, *face.details);
}

SampledFace get_face(Reader& in) {
  SampledFace face;
  face.track = in.count(kMaxFrames);
  face.box = in.box(kFarFractions);
  face.confidence = in.share();
  const auto points = in.number<std::uint8_t>();
  in.require(points <= static_cast<std::uint8_t>(Points::measured));
  if (points == static_cast<std::uint8_t>(Points::none)) return face;
  face.landmarks = in.points(kFarFractions);
  if (points == static_cast<std::uint8_t>(Points::measured)) {
    face.details = get_details(in, {face.box, face.confidence, face.confidence, *face.landmarks});
  }
  return face;
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

Bytes encode_matches(const std::vector<FaceMatch>& matches) {
  Writer out;
  const std::size_t count = std::min(matches.size(), kMaxMatches);
  out.number(static_cast<std::uint32_t>(count));
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [similarity, face] = matches[i];
    out.number(similarity);
    put_uuid(out, face.id);
    put_uuid(out, face.image);
    out.number(static_cast<std::uint8_t>(face.external_image_id.has_value()));
    if (face.external_image_id) out.text(*face.external_image_id);
    for (const double number :
         {face.box.left, face.box.top, face.box.width, face.box.height, face.confidence}) {
      out.number(number);
    }
    out.text(face.model.id);
    out.text(face.model.normalisation);
  }
  return out.take();
}

Result<std::vector<FaceMatch>> decode_matches(std::span<const std::uint8_t> bytes) {
  Reader in(bytes);
  std::vector<FaceMatch> matches(in.items(kMaxMatches, kLeastMatchBytes));
  for (FaceMatch& match : matches) match = get_match(in);
  if (!in.whole()) return fail(ErrorKind::corrupt, "the matches of a job's results are damaged");
  return matches;
}

}  // namespace sightline::jobs
