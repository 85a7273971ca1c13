#include "sight/analysis/centerface.h"

#include <algorithm>
#include <cmath>

namespace sightline::analysis {
namespace {

constexpr float kCell = 4.0F;
/// exp() of anything larger is no face on any picture: keeps damaged weights from making infinite boxes.
constexpr float kMaxLogSide = 9.0F;

bool is_map(const inference::Tensor& tensor, std::int64_t channels, std::int64_t rows, std::int64_t columns) {
  return tensor.shape == std::vector<std::int64_t>{1, channels, rows, columns} &&
         tensor.data.size() == static_cast<std::size_t>(channels * rows * columns);
}

float side(float log_cells) {
  return std::isfinite(log_cells) ? std::exp(std::clamp(log_cells, -kMaxLogSide, kMaxLogSide)) * kCell : 0.0F;
}

struct Peak {
  float score;
  std::size_t cell;
};

Face face_at(const CenterFaceMaps& maps, const Peak& peak, std::size_t columns, std::size_t cells) {
  const auto at = [&](const inference::Tensor& map, std::size_t channel) {
    return map.data[channel * cells + peak.cell];
  };
  const std::size_t whole_rows = peak.cell / columns;
  const auto row = static_cast<float>(whole_rows);
  const auto column = static_cast<float>(peak.cell % columns);
  Face face;
  face.score = peak.score;
  face.box.height = side(at(maps.scale, 0));
  face.box.width = side(at(maps.scale, 1));
  face.box.x = (column + at(maps.offset, 1) + 0.5F) * kCell - face.box.width / 2;
  face.box.y = (row + at(maps.offset, 0) + 0.5F) * kCell - face.box.height / 2;
  for (std::size_t i = 0; i < face.landmarks.size(); ++i) {
    face.landmarks[i].x = face.box.x + at(maps.landmarks, 2 * i + 1) * face.box.width;
    face.landmarks[i].y = face.box.y + at(maps.landmarks, 2 * i) * face.box.height;
  }
  return face;
}

}  // namespace

Result<std::vector<Face>> decode_centerface(const CenterFaceMaps& maps, float min_score) {
  const auto& shape = maps.heat.shape;
  if (shape.size() != 4 || !is_map(maps.heat, 1, shape[2], shape[3]) ||
      !is_map(maps.scale, 2, shape[2], shape[3]) || !is_map(maps.offset, 2, shape[2], shape[3]) ||
      !is_map(maps.landmarks, 10, shape[2], shape[3]))
    return fail(ErrorKind::unavailable,
                "the face model's outputs are not those of CenterFace; run `sightline models verify`");
  const auto columns = static_cast<std::size_t>(shape[3]);
  const std::size_t cells = maps.heat.data.size();
  std::vector<Peak> peaks;
  for (std::size_t cell = 0; cell < cells; ++cell)
    if (maps.heat.data[cell] > min_score) peaks.push_back({maps.heat.data[cell], cell});
  if (peaks.size() > kMaxCandidates) {
    std::ranges::stable_sort(peaks, std::ranges::greater{}, &Peak::score);
    peaks.resize(kMaxCandidates);
  }
  std::vector<Face> faces;
  faces.reserve(peaks.size());
  for (const Peak& peak : peaks) {
    const Face face = face_at(maps, peak, columns, cells);
    if (std::isfinite(face.box.x) && std::isfinite(face.box.y) && face.box.area() > 0) faces.push_back(face);
  }
  return faces;
}

}  // namespace sightline::analysis
