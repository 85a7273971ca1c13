#include "aws/wire/rest_route.h"

#include <algorithm>

namespace sightline::aws::wire {
namespace {

/// Takes the first segment off `path`, which begins with a slash, and the slash with it.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

struct PathMatch {
  std::vector<Label> labels;
  /// For each segment of the template, more for a literal one than for a label, and least for a greedy one:
  /// of two templates the one with the larger text is the more specific.
  std::string rank;
};

/// `path` by the template `pattern`; nothing where it does not fit.
std::optional<PathMatch> match_path(std::string_view pattern, std::string_view path) {
  PathMatch match;
  while (!pattern.empty() && !path.empty()) {
    std::string_view part = take_segment(pattern);
    if (part.size() < 2 || part.front() != '{') {
      if (part != take_segment(path)) return std::nullopt;
      match.rank += '2';
      continue;
    }
    part = part.substr(1, part.size() - 2);
    const bool greedy = part.ends_with('+');
    if (greedy) part.remove_suffix(1);
    match.rank += greedy ? '0' : '1';
    std::string_view raw;
    if (greedy) {
      raw = path.substr(1);
      path = {};
    } else {
      raw = take_segment(path);
    }
    auto value = percent_decode(raw);
    if (raw.empty() || !value) return std::nullopt;
    match.labels.push_back({part, *std::move(value)});
  }
  // A slash at the end is no matter, on either side.
  if ((!pattern.empty() && pattern != "/") || (!path.empty() && path != "/")) return std::nullopt;
  return match;
}

const Parameter* find(const std::vector<Parameter>& query, std::string_view name) {
  const auto found = std::ranges::find(query, name, &Parameter::name);
  return found == query.end() ? nullptr : &*found;
}

/// How many literal parameters of the template the query has; nothing where one is missing or differs.
std::optional<int> match_literals(std::string_view literals, const std::vector<Parameter>& query) {
  int count = 0;
  const auto wanted = parse_query(literals);
  if (!wanted) return std::nullopt;
  for (const Parameter& literal : *wanted) {
    const Parameter* found = find(query, literal.name);
    if (!found || (!literal.value.empty() && found->value != literal.value)) return std::nullopt;
    ++count;
  }
  return count;
}

bool has(const Need& need, const HttpRequest& request, const std::vector<Parameter>& query) {
  return need.location == Location::query ? find(query, need.name) != nullptr
                                          : request.headers.find(need.name).has_value();
}

}  // namespace

std::optional<RestMatch> find_rest_route(const Service& service, const HttpRequest& request,
                                         std::string_view path, const std::vector<Parameter>& query) {
  std::optional<RestMatch> best;
  std::pair<std::string, int> best_rank;
  for (const Route& route : service.routes) {
    if (route.method != request.method) continue;
    const std::size_t mark = route.uri.find('?');
    auto fit = match_path(route.uri.substr(0, mark), path);
    const auto literals =
        match_literals(mark == std::string_view::npos ? "" : route.uri.substr(mark + 1), query);
    const bool needs =
        std::ranges::all_of(route.needs, [&](const Need& need) { return has(need, request, query); });
    if (!fit || !literals || !needs) continue;
    // The more specific path wins; then what is asked for by more parameters, then what is carried out here,
    // then what is current.
    std::pair rank{std::move(fit->rank), (*literals + static_cast<int>(route.needs.size())) * 4 +
                                             (route.operation ? 2 : 0) + (route.deprecated ? 0 : 1)};
    if (best && rank <= best_rank) continue;
    best_rank = std::move(rank);
    best = RestMatch{&route, std::move(fit->labels)};
  }
  return best;
}

}  // namespace sightline::aws::wire
