/**
 * Where we refuse what another reader shows, on purpose: the bad file, and who reads it. The
 * differential test fails for a row that is missing here or too many, so that no strictness comes or
 * goes unseen.
 */

type Rows = Readonly<Record<string, string>>;

/** They skip bytes that are no pixels, and would publish them. */
const NOT_PIXELS: Rows = {
  'bad JPEG: bytes behind a progressive scan': 'Pillow',
  'bad JPEG: bytes behind the last block': 'sharp, Pillow',
  'bad JPEG: grey image with bytes behind its blocks': 'sharp, Pillow',
  'bad JPEG: pixels of a smaller image': 'sharp, Pillow',
  'bad JPEG: quantisation defined twice': 'sharp, Pillow',
  'bad JPEG: same scan twice': 'sharp',
  'bad JPEG: stuffed bytes behind the last block': 'sharp, Pillow',
  'bad JPEG: table behind the pixels': 'sharp, Pillow',
  'bad JPEG: table defined twice': 'sharp, Pillow',
  'bad JPEG: two images': 'sharp, Pillow',
  'bad JPEG: zeros behind the last block': 'sharp, Pillow',
  'bad JPEG: zip behind EOI': 'sharp, Pillow',
  'bad PNG: a bomb': 'sharp, Pillow',
  'bad PNG: bytes behind the zlib stream': 'sharp, Pillow',
  'bad PNG: bytes in IEND': 'sharp, Pillow',
  'bad PNG: bytes in an IDAT of their own': 'sharp, Pillow',
  'bad PNG: empty deflate blocks without end': 'sharp, Pillow',
  'bad PNG: one byte behind IEND': 'sharp, Pillow',
  'bad PNG: one byte too many': 'sharp, Pillow',
  'bad PNG: second zlib stream': 'sharp, Pillow',
  'bad PNG: two images': 'sharp, Pillow',
  'bad PNG: zip behind IEND': 'sharp, Pillow'
};

/** They show a picture, but not the one that browsers show to volunteers, or not all of it. */
const SEEN_OTHERWISE: Rows = {
  'bad JPEG: CMYK': 'Pillow',
  'bad JPEG: Exif behind the pixels that turns it': 'sharp, Pillow',
  'bad JPEG: Exif that turns the image': 'sharp, Pillow',
  'bad JPEG: arithmetic': 'sharp, Pillow',
  'bad JPEG: arithmetic conditioning': 'sharp, Pillow',
  'bad JPEG: height given later': 'sharp, Pillow',
  'bad JPEG: little-endian Exif that mirrors it': 'sharp, Pillow',
  'bad PNG: 16 bits RGB': 'sharp, Pillow',
  'bad PNG: 16 bits RGBA': 'sharp, Pillow',
  'bad PNG: 16 bits grey': 'sharp, Pillow',
  'bad PNG: Apple’s CgBI': 'Pillow',
  'bad PNG: Exif that turns the image': 'sharp, Pillow',
  'bad PNG: animation': 'sharp, Pillow',
  'bad PNG: frame control': 'sharp',
  'bad PNG: frame data': 'sharp',
  'bad PNG: unknown critical chunk': 'Pillow'
};

/** Their limits are wider. */
const TOO_LARGE: Rows = {
  'bad JPEG: pixels over the limit': 'Pillow',
  'bad JPEG: width over the limit': 'sharp, Pillow'
};

/** They guess what a broken file was meant to be; each guesses something else. */
const REPAIRED: Rows = {
  'bad JPEG: Adobe that contradicts JFIF': 'sharp, Pillow',
  'bad JPEG: Adobe transform for four components': 'Pillow',
  'bad JPEG: DC size of 16': 'sharp, Pillow',
  'bad JPEG: a code of ones': 'sharp, Pillow',
  'bad JPEG: bytes between segments': 'Pillow',
  'bad JPEG: interval without restart markers': 'Pillow',
  'bad JPEG: more scans than any encoder writes': 'sharp, Pillow',
  'bad JPEG: no Huffman table': 'sharp, Pillow',
  'bad JPEG: no pixels behind a scan header': 'Pillow',
  'bad JPEG: pixels that end too early': 'Pillow',
  'bad JPEG: pixels that end too early, progressive': 'Pillow',
  'bad JPEG: restart marker before the scan': 'sharp, Pillow',
  'bad JPEG: restart marker without an interval': 'sharp, Pillow',
  'bad JPEG: scan of the second component only': 'sharp, Pillow',
  'bad JPEG: sequential scan of some coefficients': 'Pillow',
  'bad JPEG: too many codes of a length': 'sharp, Pillow',
  'bad JPEG: too many segments': 'sharp, Pillow',
  'bad JPEG: two Adobe segments that disagree': 'sharp, Pillow',
  'bad PNG: CRC of IEND': 'sharp, Pillow',
  'bad PNG: CRC of a chunk to be dropped': 'sharp',
  'bad PNG: IHDR behind the pixels': 'sharp, Pillow',
  'bad PNG: IHDR of 14 bytes': 'Pillow',
  'bad PNG: chunk name of no letters': 'Pillow',
  'bad PNG: compression method 1': 'Pillow',
  'bad PNG: empty palette': 'Pillow',
  'bad PNG: empty tRNS': 'sharp, Pillow',
  'bad PNG: index beyond the palette': 'sharp, Pillow',
  'bad PNG: no Adler-32': 'Pillow',
  'bad PNG: no IEND': 'sharp, Pillow',
  'bad PNG: no palette': 'Pillow',
  'bad PNG: one row too few': 'Pillow',
  'bad PNG: palette behind pixels': 'Pillow',
  'bad PNG: palette behind true-colour pixels': 'sharp, Pillow',
  'bad PNG: palette in a grey image': 'sharp, Pillow',
  'bad PNG: palette not of triples': 'Pillow',
  'bad PNG: palette of 17 colours for 4 bits': 'sharp, Pillow',
  'bad PNG: palette of 257 colours': 'sharp, Pillow',
  'bad PNG: something before IHDR': 'Pillow',
  'bad PNG: tRNS before the palette': 'sharp, Pillow',
  'bad PNG: tRNS behind the pixels': 'sharp, Pillow',
  'bad PNG: tRNS beside alpha': 'sharp, Pillow',
  'bad PNG: tRNS beyond the bit depth': 'sharp, Pillow',
  'bad PNG: tRNS longer than the palette': 'sharp, Pillow',
  'bad PNG: tRNS of three bytes in grey': 'sharp, Pillow',
  'bad PNG: tRNS with free high bytes': 'sharp, Pillow',
  'bad PNG: too many chunks': 'sharp, Pillow',
  'bad PNG: two IHDR': 'Pillow',
  'bad PNG: two palettes': 'Pillow',
  'bad PNG: two tRNS': 'sharp, Pillow'
};

export const STRICTER: Rows = {
  ...NOT_PIXELS,
  ...SEEN_OTHERWISE,
  ...TOO_LARGE,
  ...REPAIRED
};
