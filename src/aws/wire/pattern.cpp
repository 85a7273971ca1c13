#include "aws/wire/pattern.h"

#include <fmt/format.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace sightline::aws::wire {
namespace {

/// Steps of the matcher, and KiB of its heap: enough for any honest value, an end for the others.
constexpr std::uint32_t kMaxSteps = 1'000'000;
constexpr std::uint32_t kMaxHeap = 20'000;

struct Free {
  void operator()(pcre2_code* code) const { pcre2_code_free(code); }
  void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  void operator()(pcre2_match_context* context) const { pcre2_match_context_free(context); }
  void operator()(pcre2_compile_context* context) const { pcre2_compile_context_free(context); }
};

}  // namespace

struct PatternSet::Compiled {
  std::unique_ptr<pcre2_code, Free> code;
};

PatternSet::PatternSet() = default;
PatternSet::PatternSet(PatternSet&&) noexcept = default;
PatternSet& PatternSet::operator=(PatternSet&&) noexcept = default;
PatternSet::~PatternSet() = default;

Result<void> PatternSet::add(const Shape& shape) {
  // Java's \uXXXX; matching from end to end, as Java's matches() does.
  const std::unique_ptr<pcre2_compile_context, Free> context(pcre2_compile_context_create(nullptr));
  pcre2_set_compile_extra_options(context.get(), PCRE2_EXTRA_ALT_BSUX);
  int error = 0;
  std::size_t offset = 0;
  std::unique_ptr<pcre2_code, Free> code(pcre2_compile(
      reinterpret_cast<PCRE2_SPTR>(shape.pattern.data()), shape.pattern.size(),
      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOLLAR_ENDONLY, &error, &offset, context.get()));
  if (!code) {
    return fail(ErrorKind::internal,
                fmt::format("{}: its pattern {} cannot be compiled at {}; correct it in an overlay",
                            shape.name, shape.pattern, offset));
  }
  compiled_.insert_or_assign(&shape, Compiled{std::move(code)});
  return {};
}

bool PatternSet::matches(const Shape& shape, std::string_view text) const {
  const auto found = compiled_.find(&shape);
  if (found == compiled_.end()) return true;
  const pcre2_code* code = found->second.code.get();
  const std::unique_ptr<pcre2_match_data, Free> data(pcre2_match_data_create(1, nullptr));
  const std::unique_ptr<pcre2_match_context, Free> context(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(context.get(), kMaxSteps);
  pcre2_set_heap_limit(context.get(), kMaxHeap);
  return pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0, 0, data.get(),
                     context.get()) >= 0;
}

}  // namespace sightline::aws::wire
