#include "app/cli/nearest_word.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace sightline::cli {

std::size_t typing_errors(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = a[i - 1] == b[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

std::optional<std::string> nearest_word(std::string_view typed, std::span<const std::string> words) {
  constexpr std::size_t kLongest = 64;
  if (typed.size() > kLongest) return std::nullopt;
  std::optional<std::string> nearest;
  std::size_t least = 0;
  for (const std::string& word : words) {
    if (word.size() > kLongest) continue;
    const std::size_t errors = typing_errors(typed, word);
    if (errors * 3 > std::max(typed.size(), word.size()) || (nearest && errors >= least)) continue;
    nearest = word;
    least = errors;
  }
  return nearest;
}

}  // namespace sightline::cli
