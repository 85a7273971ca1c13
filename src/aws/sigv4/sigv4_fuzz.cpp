// Signatures and canonical forms of arbitrary requests: none is accepted, and a canonical form is its own.

#include "aws/sigv4/canonical_request.h"
#include "aws/sigv4/verify.h"
#include "aws/wire/fuzz_request.h"

namespace {

namespace wire = sightline::aws::wire;
namespace sigv4 = sightline::aws::sigv4;

constexpr wire::Service kS3{
    .name = "s3", .protocol = wire::Protocol::rest_xml, .signing_name = "s3", .traits = wire::kS3Traits};
constexpr wire::Service kSqs{.name = "sqs", .protocol = wire::Protocol::json, .signing_name = "sqs"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const wire::HttpRequest request = wire::fuzzed_request(data, size);
  for (const wire::Service* service : {&kS3, &kSqs}) {
    const auto presented = sigv4::accept_form(sigv4::read_signature(request), *service);
    if (!presented) continue;
    const auto now = presented->expires_at.value_or(presented->signed_at);
    if (sigv4::verify(request, *service, *presented, "a secret that nobody knows", now)) __builtin_trap();
  }
  const std::string path = sigv4::canonical_path(request.path(), sigv4::PathRule::as_is);
  if (wire::HttpRequest{"", path, {}}.query().empty() && path.find('%') == std::string::npos &&
      sigv4::canonical_path(path, sigv4::PathRule::as_is) != path) {
    __builtin_trap();
  }
  const auto query = sigv4::canonical_query(request.query());
  if (query && sigv4::canonical_query(*query) != query) __builtin_trap();
  const std::string normal = sigv4::canonical_path(request.path(), sigv4::PathRule::normalized);
  if (!normal.starts_with('/') || normal.find("//") != std::string::npos) __builtin_trap();
  return 0;
}
