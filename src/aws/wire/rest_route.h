#pragma once
// Routes of the rest protocols: method, path with labels, literal query parameters, and needed members.

#include <optional>
#include <string_view>
#include <vector>

#include "aws/wire/router.h"
#include "aws/wire/uri.h"

namespace sightline::aws::wire {

struct RestMatch {
  const Route* route = nullptr;
  std::vector<Label> labels;
};

/// The route that asks for most of what the request has. `path` is not decoded and begins with a slash;
/// empty segments belong to a greedy label, as S3's keys may begin with a slash.
[[nodiscard]] std::optional<RestMatch> find_rest_route(const Service& service, const HttpRequest& request,
                                                       std::string_view path,
                                                       const std::vector<Parameter>& query);

}  // namespace sightline::aws::wire
