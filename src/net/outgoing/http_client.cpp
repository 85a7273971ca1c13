#include "net/outgoing/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>
#include <utility>

#include "base/ascii.h"
#include "base/utf8.h"
#include "net/outgoing/transfer.h"

namespace sightline::outgoing {
namespace {

constexpr std::size_t kLongestUrl = 8192;
constexpr std::size_t kLongestHeader = 8192;
constexpr std::size_t kMostHeaders = 100;

constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};
constexpr std::array<std::string_view, 9> kOwnHeaders{"host",   "content-length", "transfer-encoding",
                                                      "te",     "trailer",        "connection",
                                                      "expect", "upgrade",        "keep-alive"};

using Url = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
using CurlText = std::unique_ptr<char, decltype(&curl_free)>;

struct HeaderList {
  curl_slist* first = nullptr;
  HeaderList() = default;
  HeaderList(HeaderList&& other) noexcept : first(std::exchange(other.first, nullptr)) {}
  HeaderList& operator=(HeaderList&&) = delete;
  ~HeaderList() { curl_slist_free_all(first); }
  [[nodiscard]] bool add(const std::string& line) {
    curl_slist* const longer = curl_slist_append(first, line.c_str());
    if (longer == nullptr) return false;
    first = longer;
    return true;
  }
};

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  const CurlText owner(text, &curl_free);
  return text;
}

struct Target {
  Url url{nullptr, &curl_url_cleanup};
  std::string host;
  std::string destination;  // host:port
};

// curl takes the very URL that is looked at here: two parsers could differ about where the host ends.
Result<Target> read_url(const std::string& text) {
  const auto no_url = [](std::string why) {
    return fail(ErrorKind::invalid_argument, fmt::format("the URL of an outgoing request {}", why));
  };
  if (text.size() > kLongestUrl) return no_url(fmt::format("has more than {} bytes", kLongestUrl));
  if (std::ranges::any_of(text, [](char c) { return c <= ' ' || c > '~'; }))
    return no_url("holds a character other than ASCII's visible ones");
  Target target{Url(curl_url(), &curl_url_cleanup), {}, {}};
  if (target.url == nullptr) return fail(ErrorKind::internal, "no memory for a URL");
  const CURLUcode code = curl_url_set(target.url.get(), CURLUPART_URL, text.c_str(), CURLU_DISALLOW_USER);
  if (code == CURLUE_USER_NOT_ALLOWED) return no_url("holds a user name: send an Authorization header");
  if (code == CURLUE_UNSUPPORTED_SCHEME) return no_url("begins with neither http:// nor https://");
  if (code != CURLUE_OK) return no_url(fmt::format("cannot be read: {}", curl_url_strerror(code)));
  const std::string scheme = part_of(target.url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return no_url("begins with neither http:// nor https://");
  target.host = part_of(target.url.get(), CURLUPART_HOST);
  // curl takes one slash or three for two, and then a path for the host.
  const std::string_view rest = std::string_view(text).substr(scheme.size());
  if (target.host.empty() || !rest.starts_with("://") || rest.starts_with(":///"))
    return no_url("names no host");
  target.destination =
      fmt::format("{}:{}", target.host, part_of(target.url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
  return target;
}

constexpr bool is_token_character(char c) {
  const char lower = to_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_field_value(std::string_view value) {
  return trimmed(value).size() == value.size() &&
         std::ranges::none_of(value, [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7F; });
}

Result<void> check_header(const HttpHeader& header) {
  if (header.name.empty() || !std::ranges::all_of(header.name, is_token_character))
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no name of an HTTP header", printable(header.name)));
  if (!is_field_value(header.value))
    return fail(ErrorKind::invalid_argument,
                fmt::format("the value of the HTTP header {} holds a control character, or a space at an end",
                            header.name));
  if (header.name.size() + header.value.size() > kLongestHeader)
    return fail(ErrorKind::invalid_argument,
                fmt::format("the HTTP header {} has more than {} bytes", header.name, kLongestHeader));
  const std::string name = to_lower(header.name);
  if (std::ranges::find(kOwnHeaders, name) != kOwnHeaders.end() || name.starts_with("proxy-"))
    return fail(ErrorKind::invalid_argument,
                fmt::format("the HTTP header {} is the client's own to set", header.name));
  return {};
}

Result<HeaderList> make_headers(const HttpRequest& request) {
  if (request.headers.size() > kMostHeaders)
    return fail(ErrorKind::invalid_argument,
                fmt::format("an outgoing request has at most {} headers", kMostHeaders));
  HeaderList list;
  // A header without a value takes away what curl would send of its own.
  bool good = list.add("Expect:");
  const bool typed = std::ranges::any_of(request.headers, [](const HttpHeader& header) {
    return equals_ignoring_case(header.name, "Content-Type");
  });
  if (!typed) good = good && list.add("Content-Type:");
  for (const HttpHeader& header : request.headers) {
    TRY(check_header(header));
    good = good && list.add(header.value.empty() ? fmt::format("{};", header.name)
                                                 : fmt::format("{}: {}", header.name, header.value));
  }
  if (!good) return fail(ErrorKind::internal, "no memory for the headers of a request");
  return list;
}

void set_method(Transfer& transfer, const HttpRequest& request) {
  const bool may_have_body = request.method != "GET" && request.method != "HEAD";
  if (request.method == "HEAD") {
    transfer.set(CURLOPT_NOBODY, 1);
  } else if (request.method == "GET" || (request.body.empty() && request.method != "POST" &&
                                         request.method != "PUT" && request.method != "PATCH")) {
    transfer.set(CURLOPT_HTTPGET, 1);
  } else if (may_have_body) {
    transfer.set_size(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    transfer.set_pointer(CURLOPT_POSTFIELDS,
                         const_cast<char*>(request.body.data()));  // NOLINT: curl only reads
  }
  if (request.method != "GET" && request.method != "HEAD" && request.method != "POST")
    transfer.set(CURLOPT_CUSTOMREQUEST, request.method);
}

std::vector<HttpHeader> headers_of(CURL* handle) {
  std::vector<HttpHeader> headers;
  curl_header* header = nullptr;
  while ((header = curl_easy_nextheader(handle, CURLH_HEADER, -1, header)) != nullptr)
    headers.push_back({header->name, header->value});
  return headers;
}

}  // namespace

Result<HttpResponse> HttpClient::send(const HttpRequest& request, std::stop_token stop) const {
  if (std::ranges::find(kMethods, request.method) == kMethods.end())
    return fail(ErrorKind::invalid_argument,
                fmt::format("'{}' is no method of outgoing requests", printable(request.method)));
  if (!request.body.empty() && (request.method == "GET" || request.method == "HEAD"))
    return fail(ErrorKind::invalid_argument, fmt::format("{} has no body", request.method));
  const Target target = TRY(read_url(request.url));
  const HeaderList headers = TRY(make_headers(request));

  const HttpLimits& limits = options_.limits;
  Transfer transfer(options_.destinations,
                    {limits.connect_patience, limits.patience, limits.max_head, limits.max_body}, target.host,
                    target.destination, "http,https", std::move(stop));
  transfer.trust(options_.authorities_file);
  transfer.set_pointer(CURLOPT_CURLU, target.url.get());
  transfer.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
  transfer.set(CURLOPT_HTTP09_ALLOWED, 0);
  transfer.set(CURLOPT_USERAGENT, options_.user_agent);
  transfer.set_pointer(CURLOPT_HTTPHEADER, headers.first);
  set_method(transfer, request);
  TRY(transfer.perform());

  HttpResponse response;
  response.status = static_cast<int>(transfer.response_code());
  response.headers = headers_of(transfer.handle());
  response.address = transfer.connected_address();
  response.body = transfer.take_body();
  return response;
}

}  // namespace sightline::outgoing
