#include "app/cli/demo_scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "sight/media/picture.h"

namespace sightline::cli {
namespace {

using media::RgbImage;
using media::Size;

constexpr Size kWall{3200, 1900};
constexpr std::size_t kMaxPictureBytes = 32U << 20U;

struct Hung {
  std::string_view file;
  int x, y, width, height;
};

constexpr std::array kPictures = {
    Hung{"astronaut.png", 200, 480, 900, 900},
    Hung{"camera.png", 1320, 550, 760, 760},
    Hung{"coffee.png", 2340, 430, 600, 400},
    Hung{"rocket.jpg", 2310, 960, 660, 440},
};

struct Keyframe {
  double time, x, y, width;
};

/// A look at all of it, the first portrait close by, across to the second, and back.
constexpr std::array kPath = {
    Keyframe{0.00, 1600, 930, 2900}, Keyframe{0.14, 1300, 930, 2500}, Keyframe{0.36, 600, 780, 900},
    Keyframe{0.46, 620, 720, 620},   Keyframe{0.62, 1400, 810, 1300}, Keyframe{0.76, 1660, 820, 760},
    Keyframe{1.00, 1600, 930, 2900},
};

double smooth(double t) {
  return t * t * (3 - 2 * t);
}

std::uint8_t wall_shade(int x, int y, int channel) {
  // Warm plaster, lighter at the top, with a grain that keeps the encoder honest.
  const unsigned grain = (static_cast<unsigned>(x) * 73856093U) ^ (static_cast<unsigned>(y) * 19349663U);
  const int base = std::array{196, 188, 174}[static_cast<std::size_t>(channel)];
  return static_cast<std::uint8_t>(base - y * 40 / kWall.height + static_cast<int>((grain >> 7U) % 5U));
}

RgbImage bare_wall() {
  RgbImage wall{kWall, {}};
  wall.pixels.resize(static_cast<std::size_t>(kWall.width) * static_cast<std::size_t>(kWall.height) * 3);
  for (int y = 0; y < kWall.height; ++y) {
    std::uint8_t* row = wall.row(y);
    for (int x = 0; x < kWall.width; ++x) {
      for (int c = 0; c < 3; ++c) *row++ = wall_shade(x, y, c);
    }
  }
  return wall;
}

void fill(RgbImage& wall, int x, int y, int width, int height, std::uint8_t shade) {
  for (int row = y; row < y + height; ++row) {
    std::fill_n(wall.row(row) + static_cast<std::ptrdiff_t>(x) * 3, static_cast<std::ptrdiff_t>(width) * 3,
                shade);
  }
}

Result<void> hang(RgbImage& wall, const std::filesystem::path& folder, const Hung& place) {
  const auto path = folder / place.file;
  const Bytes bytes = TRY(read_file(path, kMaxPictureBytes));
  const media::Picture picture = TRY(media::Picture::decode(bytes, path.string()));
  const RgbImage scaled = picture.to_rgb({place.width, place.height});
  fill(wall, place.x - 34, place.y - 34, place.width + 68, place.height + 68, 38);   // the frame
  fill(wall, place.x - 24, place.y - 24, place.width + 48, place.height + 48, 236);  // the mat
  for (int y = 0; y < place.height; ++y) {
    std::copy_n(scaled.row(y), static_cast<std::ptrdiff_t>(place.width) * 3,
                wall.row(place.y + y) + static_cast<std::ptrdiff_t>(place.x) * 3);
  }
  return {};
}

RgbImage halved(const RgbImage& image) {
  RgbImage half{{image.size.width / 2, image.size.height / 2}, {}};
  half.pixels.resize(static_cast<std::size_t>(half.size.width) * static_cast<std::size_t>(half.size.height) *
                     3);
  for (int y = 0; y < half.size.height; ++y) {
    const std::uint8_t* above = image.row(2 * y);
    const std::uint8_t* below = image.row(2 * y + 1);
    std::uint8_t* row = half.row(y);
    for (int x = 0; x < half.size.width; ++x, above += 6, below += 6) {
      for (int c = 0; c < 3; ++c) {
        *row++ = static_cast<std::uint8_t>((above[c] + above[c + 3] + below[c] + below[c + 3] + 2) / 4);
      }
    }
  }
  return half;
}

/// Bilinear, with coordinates in 1/65536 pixel, which must lie inside.
void sample(const RgbImage& image, int x, int y, std::uint8_t* out) {
  const int fx = (x >> 8) & 0xFF;
  const int fy = (y >> 8) & 0xFF;
  const std::uint8_t* above = image.row(y >> 16) + static_cast<std::ptrdiff_t>(x >> 16) * 3;
  const std::uint8_t* below = above + static_cast<std::ptrdiff_t>(image.size.width) * 3;
  for (int c = 0; c < 3; ++c) {
    const int top = above[c] * (256 - fx) + above[c + 3] * fx;
    const int bottom = below[c] * (256 - fx) + below[c + 3] * fx;
    out[c] = static_cast<std::uint8_t>((top * (256 - fy) + bottom * fy + 32768) >> 16);
  }
}

}  // namespace

CameraView camera_at(double time) {
  const auto* next =
      std::find_if(kPath.begin() + 1, kPath.end() - 1, [&](const auto& key) { return time < key.time; });
  const Keyframe& a = *(next - 1);
  const Keyframe& b = *next;
  const double part = smooth(std::clamp((time - a.time) / (b.time - a.time), 0.0, 1.0));
  CameraView view{std::lerp(a.x, b.x, part), std::lerp(a.y, b.y, part), std::lerp(a.width, b.width, part), 0};
  const double shake = view.width / 400;
  view.x += shake * (std::sin(time * 31) + 0.5 * std::sin(time * 83 + 1));
  view.y += shake * (std::sin(time * 37 + 2) + 0.5 * std::sin(time * 71));
  view.angle = 0.02 * std::sin(time * 9);
  return view;
}

Result<DemoScene> DemoScene::build(const std::filesystem::path& pictures) {
  RgbImage wall = bare_wall();
  for (const Hung& place : kPictures) {
    const auto hung = hang(wall, pictures, place);
    const bool needed = &place == kPictures.data();
    if (!hung && (needed || hung.error().kind != ErrorKind::not_found)) return std::unexpected(hung.error());
  }
  DemoScene scene;
  scene.levels_.push_back(std::move(wall));
  for (int i = 0; i < 2; ++i) scene.levels_.push_back(halved(scene.levels_.back()));
  return scene;
}

RgbImage DemoScene::look(const CameraView& view, Size size) const {
  RgbImage seen{size, {}};
  seen.pixels.resize(static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height) * 3);
  double step = view.width / size.width;
  std::size_t level = 0;
  double scale = 1;
  for (; step * scale > 1.4 && level + 1 < levels_.size(); ++level) scale /= 2;
  step *= scale;
  const RgbImage& wall = levels_[level];
  // Beyond the wall its edge pixels go on.
  const int most_x = (wall.size.width - 2) << 16;
  const int most_y = (wall.size.height - 2) << 16;
  const auto fixed = [](double value) { return static_cast<int>(std::lround(value * 65536)); };
  const int along_x = fixed(step * std::cos(view.angle));
  const int along_y = fixed(step * std::sin(view.angle));
  const double left = -size.width / 2.0;
  for (int row = 0; row < size.height; ++row) {
    const double down = row - size.height / 2.0;
    int x = fixed(view.x * scale + step * (left * std::cos(view.angle) - down * std::sin(view.angle)));
    int y = fixed(view.y * scale + step * (left * std::sin(view.angle) + down * std::cos(view.angle)));
    std::uint8_t* out = seen.row(row);
    for (int column = 0; column < size.width; ++column, out += 3, x += along_x, y += along_y) {
      sample(wall, std::clamp(x, 0, most_x), std::clamp(y, 0, most_y), out);
    }
  }
  return seen;
}

}  // namespace sightline::cli
