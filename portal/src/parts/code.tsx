/** A text as a QR code, for another person's camera. */
import { useEffect, useState } from 'preact/hooks';

/** The code; `label` says what it is. */
export function Code({ text, label }: { text: string; label: string }) {
  const [dots, setDots] = useState<boolean[][]>();
  useEffect(() => {
    void import('qr').then(({ encodeQR }) => setDots(encodeQR(text, 'raw')));
  }, [text]);
  if (!dots) return null;
  const path = dots.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('');
  return (
    <div class="qr">
      <svg viewBox={`0 0 ${dots.length} ${dots.length}`} role="img" aria-label={label} shape-rendering="crispEdges">
        <path d={path} fill="#000" />
      </svg>
    </div>
  );
}
