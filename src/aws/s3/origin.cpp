#include "aws/s3/origin.h"

#include <algorithm>

namespace sightline::aws::s3 {
namespace {

constexpr std::size_t kMaxTraceHeader = 1024;

bool can_be_passed_on(std::string_view trace_header) {
  return !trace_header.empty() && trace_header.size() <= kMaxTraceHeader &&
         std::ranges::all_of(trace_header, [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

buckets::Origin origin_of(const dispatch::Context& context) {
  buckets::Origin origin;
  origin.principal = context.caller.id;
  origin.source_ip = context.source_ip;
  origin.request_id = context.request_id;
  if (can_be_passed_on(context.trace_header)) origin.trace_header = context.trace_header;
  origin.cause = context.cause;
  return origin;
}

}  // namespace sightline::aws::s3
