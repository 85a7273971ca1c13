#pragma once
// How records and results are made of bytes, little endian, and read back. Private to this module.

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "base/file.h"
#include "sight/jobs/records.h"
#include "sight/media/geometry.h"

namespace sightline::jobs {

/// Of frames, tracks and detections: what none of them reaches.
inline constexpr std::int64_t kMaxFrames = std::int64_t{1} << 40;

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

/// Reads one payload, of which nothing is believed. Once something is wrong all that follows is nothing.
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
  /// How many items follow, `most` at most; each takes `bytes` at least.
  std::size_t items(std::size_t most, std::size_t bytes) {
    const auto size = number<std::uint32_t>();
    require(size <= most && size <= bytes_.size() / bytes);
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

}  // namespace sightline::jobs
