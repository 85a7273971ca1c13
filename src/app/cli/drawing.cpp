#include "app/cli/drawing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace sightline::cli {
namespace {

using Color = std::array<std::uint8_t, 3>;

void fill(media::RgbImage& image, int x0, int y0, int x1, int y1, const Color& color) {
  x0 = std::clamp(x0, 0, image.size.width);
  x1 = std::clamp(x1, 0, image.size.width);
  for (int y = std::max(0, y0); y < std::min(y1, image.size.height); ++y) {
    for (int x = x0; x < x1; ++x) std::copy(color.begin(), color.end(), image.row(y) + 3 * x);
  }
}

/// Digits of 3x5 cells, a row of three bits each, top first.
constexpr std::array<std::array<std::uint8_t, 5>, 10> kDigits = {{{7, 5, 5, 5, 7},
                                                                  {2, 6, 2, 2, 7},
                                                                  {7, 1, 7, 4, 7},
                                                                  {7, 1, 7, 1, 7},
                                                                  {5, 5, 7, 1, 1},
                                                                  {7, 4, 7, 1, 7},
                                                                  {7, 4, 7, 5, 7},
                                                                  {7, 1, 1, 1, 1},
                                                                  {7, 5, 7, 5, 7},
                                                                  {7, 5, 7, 1, 7}}};

void draw_number(media::RgbImage& image, std::size_t number, int x, int y, int cell, const Color& color) {
  const std::string text = std::to_string(number);
  fill(image, x, y, x + static_cast<int>(text.size()) * 4 * cell + cell, y + 7 * cell, color);
  for (const char c : text) {
    const auto& rows = kDigits[static_cast<std::size_t>(c - '0')];
    for (int row = 0; row < 5; ++row) {
      for (int column = 0; column < 3; ++column) {
        if ((rows[static_cast<std::size_t>(row)] >> (2 - column) & 1) == 0) continue;
        const int left = x + cell * (1 + column);
        const int top = y + cell * (1 + row);
        fill(image, left, top, left + cell, top + cell, {0, 0, 0});
      }
    }
    x += 4 * cell;
  }
}

}  // namespace

void draw_faces(media::RgbImage& image, std::span<const analysis::Face> faces) {
  const int line = std::max(1, std::max(image.size.width, image.size.height) / 600);
  const auto pixel = [](float value) {
    return static_cast<int>(std::lround(std::clamp(value, -1e5F, 1e5F)));
  };
  for (std::size_t i = 0; i < faces.size(); ++i) {
    const analysis::Face& face = faces[i];
    const auto sure = static_cast<std::uint8_t>(std::clamp(face.confidence, 0.0F, 1.0F) * 255);
    const Color color = {static_cast<std::uint8_t>(255 - sure), sure, 64};
    const int left = pixel(face.box.x);
    const int top = pixel(face.box.y);
    const int right = pixel(face.box.right());
    const int bottom = pixel(face.box.bottom());
    fill(image, left, top, right, top + line, color);
    fill(image, left, bottom - line, right, bottom, color);
    fill(image, left, top, left + line, bottom, color);
    fill(image, right - line, top, right, bottom, color);
    for (const media::Point& point : face.landmarks) {
      fill(image, pixel(point.x) - line, pixel(point.y) - line, pixel(point.x) + line, pixel(point.y) + line,
           color);
    }
    const int cell = std::max(1, std::min(3 * line, (right - left) / 16));
    draw_number(image, i + 1, std::max(0, left), std::max(0, top - 7 * cell), cell, color);
  }
}

}  // namespace sightline::cli
