// Reads signed requests from stdin and says of each whether it is accepted, one line each.
//
// A request is a block of lines: service, time in seconds since 1970, secret, bucket of the host (or
// nothing), method, target, headers (`name:value`), an empty line, and the body in hexadecimal digits.

#include <iostream>
#include <string>

#include "aws/sigv4/verify.h"

namespace {

namespace wire = sightline::aws::wire;
namespace sigv4 = sightline::aws::sigv4;

constexpr wire::Service kS3{
    .name = "s3", .protocol = wire::Protocol::rest_xml, .signing_name = "s3", .traits = wire::kS3Traits};
constexpr wire::Service kSqs{.name = "sqs", .protocol = wire::Protocol::json, .signing_name = "sqs"};
constexpr wire::Service kSts{.name = "sts", .protocol = wire::Protocol::query, .signing_name = "sts"};

std::string line() {
  std::string text;
  std::getline(std::cin, text);
  return text;
}

std::string outcome(const wire::HttpRequest& request, const wire::Service& service, const std::string& secret,
                    std::chrono::sys_seconds now, const std::string& bucket) {
  const auto presented = sigv4::accept_form(sigv4::read_signature(request), service);
  if (!presented) return presented.error().code + ": " + presented.error().message;
  const auto verified = sigv4::verify(request, service, *presented, secret, now,
                                      bucket.empty() ? std::nullopt : std::optional<std::string>(bucket));
  if (verified) return "accepted";
  std::string text = verified.error().code + ": " + verified.error().message;
  for (const auto& [name, value] : verified.error().details) text += " [" + name + "=" + value + "]";
  for (char& c : text) c = c == '\n' ? '|' : c;
  return text;
}

}  // namespace

int main() {
  for (std::string name = line(); !name.empty(); name = line()) {
    const wire::Service& service = name == "s3" ? kS3 : name == "sqs" ? kSqs : kSts;
    const std::chrono::sys_seconds now{std::chrono::seconds(std::stoll(line()))};
    const std::string secret = line();
    const std::string bucket = line();
    wire::HttpRequest request;
    request.method = line();
    request.target = line();
    for (std::string header = line(); !header.empty(); header = line()) {
      const std::size_t colon = header.find(':');
      request.headers.add(header.substr(0, colon), header.substr(colon + 1));
    }
    const std::string digits = line();
    std::vector<std::uint8_t> body;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
      body.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
    }
    request.body = body;
    std::cout << outcome(request, service, secret, now, bucket) << "\n";
  }
  return 0;
}
