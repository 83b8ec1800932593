/** Reads a QR code with the camera. The pictures stay in the page. */
import { useEffect, useRef, useState } from 'preact/hooks';

import { t } from '../messages';

/** A button that opens the camera; gives the text of the first code seen. */
export function Scan({ found }: { found: (text: string) => void }) {
  const video = useRef<HTMLVideoElement>(null);
  const [on, setOn] = useState(false);
  const [problem, setProblem] = useState(false);
  useEffect(() => {
    if (!on) return;
    let [stopped, stop] = [false, () => {}];
    const start = async () => {
      const { frameLoop, QRCanvas, rearCamera } = await import('qr/dom.js');
      const camera = await rearCamera(video.current!);
      const canvas = new QRCanvas();
      const cancel = frameLoop(() => {
        void camera.readFrame(canvas).then((text) => {
          if (stopped || typeof text !== 'string' || text === '') return;
          found(text);
          setOn(false);
        });
      });
      stop = () => {
        cancel();
        camera.stop();
      };
      if (stopped) stop();
    };
    start().catch(() => {
      setProblem(true);
      setOn(false);
    });
    return () => {
      stopped = true;
      stop();
    };
  }, [on]);
  if (!navigator.mediaDevices) return null;
  return (
    <div>
      <button type="button" onClick={() => { setProblem(false); setOn(!on); }}>
        {t(on ? 'scan.stop' : 'scan.start')}
      </button>
      {problem && (
        <p role="alert" class="say warn">
          {t('scan.problem')}
        </p>
      )}
      {on && (
        <p>
          <video ref={video} playsInline muted aria-label={t('scan.video')} />
        </p>
      )}
    </div>
  );
}
