#include "cloud/policy/pattern.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"

namespace sightline::policy {
namespace {

constexpr std::size_t kArnParts = 6;
constexpr std::size_t kFewParts = 16;

/// Linear in both lengths, whatever the texts: not so string_view::find.
std::size_t find_text(std::string_view text, std::string_view wanted, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const void* found = memmem(text.data() + from, text.size() - from, wanted.data(), wanted.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// Where the character that begins at `at` ends; bytes that are no UTF-8 are characters of their own.
std::size_t after_character(std::string_view text, std::size_t at) {
  return at + std::max<std::size_t>(first_character(text.substr(at)).length, 1);
}

/// The end of "${...}" that begins at `at`, behind the brace; npos where it does not end.
std::size_t variable_end(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("${")) return std::string_view::npos;
  const auto close = text.find('}', at);
  return close == std::string_view::npos ? close : close + 1;
}

/// Cut at its first five colons; those inside of variables do not count.
std::vector<std::string> cut_arn(std::string_view text, bool variables) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  std::size_t at = 0;
  while (at < text.size() && parts.size() + 1 < kArnParts) {
    const auto end = variables ? variable_end(text, at) : std::string_view::npos;
    if (end != std::string_view::npos) {
      at = end;
      continue;
    }
    if (text[at] == ':') {
      parts.emplace_back(text.substr(begin, at - begin));
      begin = at + 1;
    }
    ++at;
  }
  parts.emplace_back(text.substr(begin));
  return parts;
}

}  // namespace

Pattern::Pattern(std::string text, PatternSyntax syntax) : text_(std::move(text)) {
  const std::string_view all = text_;
  std::size_t at = 0;
  while (at < all.size()) {
    const char c = all[at];
    if (syntax.wildcards && (c == '*' || c == '?')) {
      const Kind kind = c == '*' ? Kind::run : Kind::one;
      if (kind != Kind::run || pieces_.empty() || pieces_.back().kind != Kind::run)
        pieces_.push_back({.kind = kind});
      ++at;
      continue;
    }
    const auto end = syntax.variables ? variable_end(all, at) : std::string_view::npos;
    if (end != std::string_view::npos && add_variable(at + 2, end - 1)) {
      at = end;
      continue;
    }
    add_literal(at, 1);
    ++at;
  }
}

void Pattern::add_literal(std::size_t begin, std::size_t length) {
  const bool goes_on = !pieces_.empty() && pieces_.back().kind == Kind::literal &&
                       pieces_.back().begin + pieces_.back().length == begin;
  if (!goes_on) pieces_.push_back({.kind = Kind::literal, .begin = static_cast<std::uint32_t>(begin)});
  pieces_.back().length += static_cast<std::uint32_t>(length);
}

bool Pattern::add_variable(std::size_t begin, std::size_t end) {
  const std::string_view inside = cut(begin, end - begin);
  if (inside == "*" || inside == "?" || inside == "$") {
    add_literal(begin, 1);
    return true;
  }
  const auto place_of = [&](std::string_view part) {
    return static_cast<std::uint32_t>(part.data() - text_.data());
  };
  const auto comma = inside.find(',');
  const std::string_view name = trimmed(inside.substr(0, comma));
  Piece piece{
      .kind = Kind::variable, .begin = place_of(name), .length = static_cast<std::uint32_t>(name.size())};
  if (comma != std::string_view::npos) {
    std::string_view value = trimmed(inside.substr(comma + 1));
    if (value.size() < 2 || !value.starts_with('\'') || !value.ends_with('\'')) return false;
    value = value.substr(1, value.size() - 2);
    piece.default_begin = place_of(value);
    piece.default_length = static_cast<std::uint32_t>(value.size());
  }
  pieces_.push_back(piece);
  variables_ = true;
  return true;
}

std::optional<Pattern::Part> Pattern::part(const Piece& piece, const Keys& keys) const {
  const std::string_view text = cut(piece.begin, piece.length);
  if (piece.kind != Kind::variable) return Part{piece.kind, text};
  if (const auto* values = keys.find_as_written(text)) {
    if (values->size() != 1) return std::nullopt;
    return Part{Kind::literal, values->front()};
  }
  if (piece.default_begin == 0) return std::nullopt;
  return Part{Kind::literal, cut(piece.default_begin, piece.default_length)};
}

bool Pattern::matches(std::string_view text, const Keys& keys, Steps& steps) const {
  // Most patterns of a long list end here, without a step.
  if (pieces_.empty()) return text.empty();
  const bool run_ends_it = pieces_.back().kind == Kind::run;
  if (pieces_.size() == 1 && run_ends_it) return true;
  if (pieces_.front().kind == Kind::literal) {
    const std::string_view head = cut(pieces_.front().begin, pieces_.front().length);
    if (!text.starts_with(head)) return false;
    if (pieces_.size() == 1) return text.size() == head.size();
    if (pieces_.size() == 2 && run_ends_it) return true;
  }
  if (!steps.take(pieces_.size())) return false;
  std::array<Part, kFewParts> few;
  std::vector<Part> many;
  if (pieces_.size() > few.size()) many.resize(pieces_.size());
  Part* const parts = many.empty() ? few.data() : many.data();
  std::size_t count = 0;
  for (const Piece& piece : pieces_) {
    const auto next = part(piece, keys);
    if (!next) return false;
    parts[count++] = *next;
  }
  return match(parts, parts + count, text, steps);
}

bool Pattern::match(const Part* part, const Part* end, std::string_view text, Steps& steps) {
  const Part* behind_run = nullptr;  // where to go on when a run must be longer
  std::size_t run_end = 0;
  std::size_t at = 0;
  while (true) {
    if (!steps.take_letters(part == end ? 0 : part->text.size())) return false;
    if (part == end) {
      if (at == text.size()) return true;
    } else if (part->kind == Kind::run) {
      behind_run = ++part;
      run_end = at;
      if (part == end) return true;
      if (part + 1 == end && part->kind == Kind::literal) return text.substr(at).ends_with(part->text);
      continue;
    } else if (part->kind == Kind::one) {
      if (at < text.size()) {
        at = after_character(text, at);
        ++part;
        continue;
      }
      return false;  // a longer run leaves even less
    } else if (text.substr(at).starts_with(part->text)) {
      at += part->text.size();
      ++part;
      continue;
    }
    if (behind_run == nullptr || run_end >= text.size()) return false;
    run_end = after_character(text, run_end);
    if (behind_run->kind == Kind::literal) {
      const std::size_t from = run_end;
      run_end = find_text(text, behind_run->text, from);
      if (!steps.take_letters(std::min(run_end, text.size()) - from)) return false;
      if (run_end == std::string_view::npos) return false;
    }
    part = behind_run;
    at = run_end;
  }
}

std::optional<std::string> Pattern::filled(const Keys& keys, Steps& steps) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    const auto next = part(piece, keys);
    if (!next || !steps.take_letters(next->text.size())) return std::nullopt;
    if (next->kind == Kind::literal)
      out += next->text;
    else
      out += next->kind == Kind::run ? '*' : '?';
  }
  return out;
}

ArnPattern::ArnPattern(std::string text, PatternSyntax syntax, Short short_form) : text_(std::move(text)) {
  if (text_ == "*" && syntax.wildcards) {
    reach_ = Reach::everything;
    return;
  }
  std::vector<std::string> parts = cut_arn(text_, syntax.variables);
  if (parts.size() < kArnParts) {
    if (short_form == Short::nothing) return;
    if (short_form == Short::by_wildcard && text_.find('*') == std::string::npos) return;
    if (parts.size() < 2) return;
  }
  reach_ = Reach::arns;
  const auto is_free_part = [&](std::size_t i) {
    return i >= parts.size() || (parts[i] == "*" && syntax.wildcards);
  };
  for (std::size_t i = 0; i < kArnParts; ++i)
    if (is_free_part(i)) free_ |= static_cast<std::uint8_t>(1U << i);
  // Without room for more: documents of many short ones are kept in memory.
  parts_.reserve(kArnParts - static_cast<std::size_t>(std::popcount(free_)));
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (!is_free(i)) parts_.emplace_back(std::move(parts[i]), syntax);
}

bool ArnPattern::matches(std::string_view arn, const Keys& keys, Steps& steps) const {
  if (reach_ != Reach::arns) return reach_ == Reach::everything;
  const auto parts = split_arn(arn);
  if (!parts) return false;
  // The last part differs most often.
  std::size_t at = parts_.size();
  for (std::size_t i = kArnParts; i-- > 0;)
    if (!is_free(i) && !parts_[--at].matches((*parts)[i], keys, steps)) return false;
  return true;
}

std::optional<std::array<std::string_view, 6>> split_arn(std::string_view text) {
  std::array<std::string_view, kArnParts> parts;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts[i] = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  parts.back() = text;
  return parts;
}

}  // namespace sightline::policy
