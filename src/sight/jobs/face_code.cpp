#include "sight/jobs/face_code.h"

namespace sightline::jobs {
namespace {

constexpr float kFarFractions = 100;
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

}  // namespace

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
