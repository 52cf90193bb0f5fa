import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { besideScript, fileUrl, imageName, tftpUrl } from '../../../src/protocol/ipxe/url.ts';

const server = { address: 0x0a630001, port: 80 };

test('port 80 is left out of URLs, any other is in them', () => {
  assert.equal(fileUrl(server, 'vmlinuz'), 'http://10.99.0.1/vmlinuz');
  assert.equal(fileUrl({ ...server, port: 8080 }, 'a/b'), 'http://10.99.0.1:8080/a/b');
});

test('what iPXE would expand or cut off is percent-encoded', () => {
  assert.equal(fileUrl(server, 'a ${x}#1?%'), 'http://10.99.0.1/a%20%24%7Bx%7D%231%3F%25');
});

test('a URL leads back to the file it was made for', () => {
  const name = fc
    .array(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((part) => !/[/\0]|^\.+$/.test(part)),
      {
        minLength: 1,
        maxLength: 3,
      },
    )
    .map((parts) => parts.join('/'));
  fc.assert(
    fc.property(name, (file) => {
      const url = fileUrl(server, file);
      assert.match(url, /^[\x21-\x7e]+$/);
      assert.doesNotMatch(url, /[${}#]/);
      assert.equal(decodeURIComponent(new URL(url).pathname), `/${file}`);
    }),
  );
});

test('image names can stand in a kernel command line, and no two are alike', () => {
  assert.equal(imageName('debian/initrd.img-6.1'), 'initrd.img-6.1');
  assert.equal(imageName('my initrd #1.img'), 'my_initrd__1.img');
  assert.equal(imageName('--name'), '_-name');
  assert.equal(imageName('b/initrd', ['initrd', '2-initrd']), '3-initrd');
});

test('a file beside the script is named so that iPXE takes it for neither a URL nor an option', () => {
  assert.equal(besideScript('debian/vmlinuz'), 'debian/vmlinuz');
  assert.equal(besideScript('--name'), '%2D-name');
  assert.equal(besideScript('http://x#y z'), 'http%3A//x%23y%20z');
  assert.equal(tftpUrl(server.address, 'a b'), 'tftp://10.99.0.1/a%20b');
});
