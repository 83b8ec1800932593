/** Small parts that many pages are made of. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { isKey, t, type Key } from '../messages';
import type { Step } from '../state/chain';
import { nameOf } from '../state/notebook';
import { problemOf } from '../state/world';

/** A page's title: takes the focus, so that a screen reader says where one is. */
export function Title({ children, lead }: { children: string; lead?: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${children} · MedRec`;
    if (document.activeElement === document.body || document.activeElement?.closest('nav')) heading.current?.focus();
  }, [children]);
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {children}
      </h1>
      {lead && <p class="lead">{lead}</p>}
    </>
  );
}

/** Something to be told. */
export const Say = ({ tone, children, alert }: { tone?: 'good' | 'warn' | 'bad'; children: ComponentChildren; alert?: boolean }) => (
  <div class={`say ${tone ?? ''}`} role={alert ? 'alert' : undefined}>
    {children}
  </div>
);

/** An address short enough to compare by eye. */
export const short = (address: string): string => `${address.slice(0, 6)}…${address.slice(-6)}`;

/** Who an address is, as far as the person has said. */
export const who = (address: string): string => nameOf(address) ?? short(address);

/** What a person does with the wallet: how far it is, and what went wrong. */
export interface Doing {
  step?: Step | 'preparing' | 'done';
  problem?: { kind: ReturnType<typeof problemOf>; text: string };
  busy: boolean;
  run: (work: (told: (step: Step) => void) => Promise<void>) => Promise<boolean>;
}

/** Follows one thing that is done. */
export function useDoing(): Doing {
  const [step, setStep] = useState<Doing['step']>();
  const [problem, setProblem] = useState<Doing['problem']>();
  return {
    step,
    problem,
    busy: step !== undefined && step !== 'done',
    run: async (work) => {
      setProblem(undefined);
      setStep('preparing');
      try {
        await work(setStep);
        setStep('done');
        return true;
      } catch (error) {
        setStep(undefined);
        setProblem({ kind: problemOf(error), text: error instanceof Error ? error.message : String(error) });
        return false;
      }
    },
  };
}

const STEPS: Record<NonNullable<Doing['step']>, Key> = {
  preparing: 'step.preparing',
  signing: 'step.signing',
  sent: 'step.sent',
  included: 'step.included',
  final: 'step.final',
  done: 'step.done',
};

/** Why it did not work: the chain's reasons that people meet have words of their own. */
function reason({ kind, text }: NonNullable<Doing['problem']>): string {
  if (kind === 'cancelled') return t('problem.cancelled');
  const known = `refusal.${text}`;
  return isKey(known) ? t(known) : t('problem.failed', { reason: text });
}

/** How far it is, in words. `done` replaces the last word. */
export function Progress({ doing, done }: { doing: Doing; done?: string }) {
  const { step, problem } = doing;
  return (
    <div role="status" class="row">
      {step && step !== 'done' && (
        <p class="row">
          <span class="wait" />
          {t(STEPS[step])}
        </p>
      )}
      {step === 'done' && <p class="tag good">{done ?? t('step.done')}</p>}
      {problem && (
        <p class="say bad">
          {reason(problem)}
        </p>
      )}
    </div>
  );
}

/** Something on its way. */
export const Waiting = ({ children }: { children: ComponentChildren }) => (
  <p role="status" class="row soft">
    <span class="wait" />
    {children}
  </p>
);
