#include "base/base64.h"

#include <algorithm>

namespace sightline {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint32_t kBad = 1U << 24U;  // beyond every group of four

constexpr std::array<std::uint32_t, 256> make_values() {
  std::array<std::uint32_t, 256> values{};
  values.fill(kBad);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint32_t>(i);
  }
  return values;
}
constexpr std::array<std::uint32_t, 256> kValues = make_values();

std::uint32_t value_of(char c) {
  return kValues[static_cast<unsigned char>(c)];
}

std::uint32_t group_value(const char* text) {
  const std::uint32_t all = value_of(text[0]) | value_of(text[1]) | value_of(text[2]) | value_of(text[3]);
  if (all >= kBad) return kBad;
  return value_of(text[0]) << 18U | value_of(text[1]) << 12U | value_of(text[2]) << 6U | value_of(text[3]);
}

void put(std::uint8_t* out, std::uint32_t group) {
  out[0] = static_cast<std::uint8_t>(group >> 16U);
  out[1] = static_cast<std::uint8_t>(group >> 8U);
  out[2] = static_cast<std::uint8_t>(group);
}

}  // namespace

bool Base64Decoder::close_group(Bytes& out) {
  held_ = 0;
  unsigned padding = 0;
  while (padding < 2 && group_[3 - padding] == '=') group_[3 - padding++] = 'A';
  const std::uint32_t group = group_value(group_.data());
  if (group == kBad) return false;
  // The bits that padding cuts off are zero, so that every sequence of bytes has one spelling.
  if ((padding == 1 && (group & 0xFFU) != 0) || (padding == 2 && (group & 0xFFFFU) != 0)) return false;
  std::array<std::uint8_t, 3> bytes{};
  put(bytes.data(), group);
  out.insert(out.end(), bytes.begin(), bytes.end() - padding);
  padded_ = padding > 0;
  return true;
}

bool Base64Decoder::feed(std::string_view text, Bytes& out) {
  if (!text.empty() && padded_) return false;
  while (held_ > 0 && !text.empty()) {
    group_[held_++] = text.front();
    text.remove_prefix(1);
    if (held_ == 4 && !close_group(out)) return false;
  }
  if (text.empty()) return true;
  if (padded_) return false;
  // The last group may be padded: it takes the careful way.
  const std::size_t plain = (text.size() - 1) / 4;
  const std::size_t begin = out.size();
  out.resize(begin + plain * 3);
  std::uint8_t* place = out.data() + begin;
  for (std::size_t i = 0; i < plain; ++i) {
    const std::uint32_t group = group_value(text.data() + i * 4);
    if (group == kBad) return false;
    put(place + i * 3, group);
  }
  text.remove_prefix(plain * 4);
  held_ = static_cast<unsigned>(text.copy(group_.data(), 4));
  return held_ < 4 || close_group(out);
}

bool base64_decode(std::string_view text, Bytes& out) {
  Base64Decoder decoder;
  return decoder.feed(text, out) && decoder.finish();
}

std::string base64_encode(std::span<const std::uint8_t> bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U;
    if (count > 1) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
    if (count > 2) group |= bytes[i + 2];
    text += kAlphabet[group >> 18U];
    text += kAlphabet[group >> 12U & 63U];
    text += count > 1 ? kAlphabet[group >> 6U & 63U] : '=';
    text += count > 2 ? kAlphabet[group & 63U] : '=';
  }
  return text;
}

}  // namespace sightline
