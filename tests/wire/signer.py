"""Requests signed by hand, in the forms that boto3 has no use for."""
import datetime
import hashlib
import hmac

EMPTY = hashlib.sha256(b"").hexdigest()
SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Signer:
    """Signature Version 4 in headers, and in the chunks and trailing headers of a body."""

    def __init__(self, key_id, secret, service="s3"):
        self.key_id = key_id
        self.stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        self.scope = f"{self.stamp[:8]}/us-east-1/{service}/aws4_request"
        self.key = ("AWS4" + secret).encode()
        for part in self.scope.split("/"):
            self.key = mac(self.key, part)

    def sign(self, algorithm, *lines):
        return mac(self.key, "\n".join((algorithm, self.stamp, self.scope, *lines))).hex()

    def authorize(self, method, path, headers, query="", payload=None):
        """Signs all of `headers`; `query` in canonical form; `payload`: the body's hash where no header tells it. Returns the
        signature that chunks follow on."""
        headers["x-amz-date"] = self.stamp
        names = sorted(headers, key=str.lower)
        told = {name.lower(): value for name, value in headers.items()}
        canonical = "\n".join((method, path, query, *(f"{name.lower()}:{headers[name]}" for name in names), "",
                               ";".join(name.lower() for name in names), payload or told["x-amz-content-sha256"]))
        signature = self.sign("AWS4-HMAC-SHA256", sha256(canonical.encode()))
        headers["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key_id}/{self.scope}, "
                                    f"SignedHeaders={';'.join(name.lower() for name in names)}, Signature={signature}")
        return signature

    def chunks(self, seed, framing, pieces, trailers=()):
        """The pieces of an aws-chunked body; each is a whole chunk."""
        previous = seed
        for piece in (*pieces, b""):
            head = f"{len(piece):x}"
            if framing != UNSIGNED_TRAILER:
                previous = self.sign("AWS4-HMAC-SHA256-PAYLOAD", previous, EMPTY, sha256(piece))
                head += f";chunk-signature={previous}"
            yield head.encode() + b"\r\n" + piece + (b"\r\n" if piece else b"")
        lines = [f"{name}:{value}" for name, value in trailers]
        text = "".join(line + "\r\n" for line in lines)
        if framing == SIGNED_TRAILER:
            text += "x-amz-trailer-signature:" + self.sign("AWS4-HMAC-SHA256-TRAILER", previous,
                                                           sha256("".join(line + "\n" for line in lines).encode())) + "\r\n"
        yield text.encode() + b"\r\n"
