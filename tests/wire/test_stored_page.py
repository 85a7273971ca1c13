"""A page in a bucket, opened in a browser: it must not act as the server's own origin."""
import shutil
import subprocess
import tempfile
import unittest

from server import ServerTest

BROWSER = shutil.which("chromium")
CALL = "Action=CreateUser&Version=2010-05-08&UserName="
PAGE = f"""<!doctype html><title>as stored</title>
<meta http-equiv="refresh" content="0; url=/?{CALL}refresh">
<img src="/?{CALL}picture"><iframe src="/?{CALL}frame"></iframe><link rel="stylesheet" href="/?{CALL}style">
<form id="form" method="post" action="/"><input name="Action" value="CreateUser"><input name="Version" value="2010-05-08">
<input name="UserName" value="form"></form>
<script>
document.title = "scripts run";
fetch("/", {{method: "POST", headers: {{"Content-Type": "application/x-www-form-urlencoded"}}, body: "{CALL}fetch"}});
document.getElementById("form").submit();
</script>"""


@unittest.skipUnless(BROWSER, "needs a browser: apt-get install chromium")
class StoredPage(ServerTest):
    def dump(self, url):
        """The page as it stands after its scripts and loads."""
        with tempfile.TemporaryDirectory() as profile:
            return subprocess.run(
                [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
                 "--virtual-time-budget=3000", "--dump-dom", url],
                capture_output=True, text=True, timeout=60, check=True).stdout

    def test_creates_no_user(self):
        s3 = self.client("s3")
        s3.create_bucket(Bucket="pages")
        s3.put_object(Bucket="pages", Key="page.html", Body=PAGE.encode(), ContentType="text/html")
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "pages", "Key": "page.html"})
        self.assertIn("<title>as stored</title>", self.dump(url))
        self.assertEqual(self.client("iam").list_users()["Users"], [])


if __name__ == "__main__":
    unittest.main()
