#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "detect/scoring.h"
#include "detect/sections.h"
#include "sight/analysis/picture_sources.h"

namespace sightline::bench {
namespace {

struct Tally {
  int found = 0;
  int all = 0;
  void add(bool hit) {
    found += hit ? 1 : 0;
    ++all;
  }
  [[nodiscard]] std::string text() const {
    return fmt::format("{}/{} = {:.1f}%", found, all, all > 0 ? 100.0 * found / all : 0.0);
  }
};

struct ClearFace {
  const TestPicture* picture;
  media::Box box;
};

/// The clear faces of at least `height` pixels: annotated ones, and for photographs without annotation those
/// that thorough finds at native size with a score of at least 0.5.
Result<std::vector<ClearFace>> clear_faces(Bench& bench, const std::vector<TestPicture>& pictures,
                                           float height) {
  std::vector<ClearFace> faces;
  auto options = analysis::picture_options(analysis::Scope::thorough);
  options.min_score = 0.5F;
  for (const TestPicture& picture : pictures) {
    for (const TrueFace& face : picture.faces)
      if (face.clear && face.box.height >= height) faces.push_back({&picture, face.box});
    if (!picture.faces.empty()) continue;
    for (const analysis::Face& face : TRY(bench.detector.detect(analysis::RgbSource(picture.image), options)))
      if (face.box.height >= height) faces.push_back({&picture, face.box});
  }
  return faces;
}

media::Box whole(const media::RgbImage& image) {
  return {0, 0, static_cast<float>(image.size.width), static_cast<float>(image.size.height)};
}

/// `area` of the picture shown at `size`, and where `box` lies in it.
struct Shown {
  media::RgbImage image;
  media::Box box;
};
Shown show(const ClearFace& face, const media::Box& area, media::Size size) {
  const float x = static_cast<float>(size.width) / area.width;
  const float y = static_cast<float>(size.height) / area.height;
  return {analysis::cropped(face.picture->image, area, size),
          {(face.box.x - area.x) * x, (face.box.y - area.y) * y, face.box.width * x, face.box.height * y}};
}

Result<bool> is_found(Bench& bench, const Shown& shown, analysis::Scope scope) {
  const auto found =
      TRY(bench.detector.detect(analysis::RgbSource(shown.image), analysis::picture_options(scope)));
  return find_match(found, shown.box, 0.5F) >= 0;
}

void print_head(const Bench& bench, const char* first) {
  fmt::print("| {} |", first);
  for (const analysis::Scope scope : bench.scopes) fmt::print(" {} |", analysis::scope_name(scope));
  fmt::print("\n|---|");
  for (std::size_t i = 0; i < bench.scopes.size(); ++i) fmt::print("---|");
  fmt::print("\n");
}

}  // namespace

Result<void> print_small_faces(Bench& bench, float height) {
  fmt::print(
      "\n## Clear faces of whole pictures scaled down until the face is {} px high (default threshold)\n\n",
      height);
  print_head(bench, "pictures");
  for (const bool photos : {true, false}) {
    fmt::print("| {} |", photos ? "photographs" : "wider-dev, annotated clear");
    const auto faces = TRY(clear_faces(bench, photos ? bench.photos : bench.wider, 2 * height));
    for (const analysis::Scope scope : bench.scopes) {
      Tally tally;
      for (const ClearFace& face : faces) {
        const float scale = height / face.box.height;
        const auto side = [&](int full) {
          return std::max(1, static_cast<int>(std::lround(static_cast<float>(full) * scale)));
        };
        const media::Size size{side(face.picture->image.size.width), side(face.picture->image.size.height)};
        tally.add(TRY(is_found(bench, show(face, whole(face.picture->image), size), scope)));
      }
      fmt::print(" {} |", tally.text());
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
  return {};
}

Result<void> print_large_faces(Bench& bench) {
  constexpr float kFill = 0.9F;
  constexpr float kLeast = 64;
  fmt::print("\n## Clear faces of at least {} px, cropped and scaled to {:.0f}% of the frame's height\n\n",
             kLeast, kFill * 100);
  print_head(bench, "frame");
  auto faces = TRY(clear_faces(bench, bench.photos, kLeast));
  const auto more = TRY(clear_faces(bench, bench.wider, kLeast));
  faces.insert(faces.end(), more.begin(), more.end());
  for (const media::Size size : {media::Size{640, 640}, {1280, 720}, {720, 1280}}) {
    fmt::print("| {}x{} |", size.width, size.height);
    for (const analysis::Scope scope : bench.scopes) {
      Tally tally;
      for (const ClearFace& face : faces) {
        media::Box area;
        // In upright frames it is the width that a face fills.
        const float ratio = static_cast<float>(size.width) / static_cast<float>(size.height);
        area.height = std::max(face.box.height, face.box.width / ratio) / kFill;
        area.width = area.height * ratio;
        area.x = face.box.center().x - area.width / 2;
        area.y = face.box.center().y - area.height / 2;
        const float inside = media::intersection(area, whole(face.picture->image)).area() / area.area();
        if (inside < 0.95F) continue;
        tally.add(TRY(is_found(bench, show(face, area, size), scope)));
      }
      fmt::print(" {} |", tally.text());
      std::fflush(stdout);
    }
    fmt::print("\n");
  }
  return {};
}

}  // namespace sightline::bench
