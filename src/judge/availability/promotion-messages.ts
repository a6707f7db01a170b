import type { OutageMoment } from '../../contracts/result.ts';

type Step = Extract<OutageMoment['what'], 'promotionRequested' | 'recoveryEnded' | 'newTimeline'>;

/**
 * What PostgreSQL says at each step of a promotion, before the first value in it, in every language that it is translated to. The
 * severity is translated, too, and no SQLSTATE is logged unless log_line_prefix asks for it, and then the same one for all three.
 * Source: PostgreSQL 15, po/*.po of the server: xlogrecovery.c, xlog.c; in 13 to 18 the same but for what follows.
 */
const messages: Readonly<Record<Step, readonly string[]>> = {
  promotionRequested: [
    'received promote request',
    'Anforderung zum Befördern empfangen',
    'se recibió petición de promoción',
    'a reçu une demande de promotion',
    'richiesta di promozione ricevuta',
    '昇格要求を受信しました',
    'მიღებულა დაწინაურების მოთხოვნა',
    '운영 전환 신호를 받았습니다',
    'получен запрос повышения статуса',
    'tog emot förfrågan om befordran',
    'отримано запит підвищення статусу',
    '接收到提或请求',
  ],
  recoveryEnded: [
    'redo done at ',
    'Redo fertig bei ',
    'redo listo en ',
    'rejeu exécuté à ',
    'ripetizione eseguita con utilizzo del sistema ',
    'გამეორება დასრულდა ',
    'записи REDO обработаны до смещения ',
    'redo gjord vid ',
    'повторно виконано через ',
  ],
  newTimeline: [
    'selected new timeline ID: ',
    'gewählte neue Zeitleisten-ID: ',
    'seleccionado nuevo ID de timeline: ',
    "identifiant d'un timeline nouvellement sélectionné : ",
    "l'ID della nuova timeline selezionata è ",
    '新しいタイムラインIDを選択: ',
    'დროის ახალი ხაზის არჩეული ID: ',
    '지정한 새 타임라인 ID: ',
    'выбранный ID новой линии времени: ',
    'valt nytt tidslinje-ID: ',
    'вибрано новий ID часової лінії: ',
    '已选择的新时间线ID：',
  ],
};

/** Japanese and Korean put the position first. */
const afterPosition = ['REDOが[0-9A-F/]+で終了しました', '[0-9A-F/]+에서 redo 작업 완료'];

/** A line of PostgreSQL's log at each step: a severity, and the message right behind it. */
export const promotionLines: Readonly<Record<Step, RegExp>> = {
  promotionRequested: lineOf(messages.promotionRequested.map(inAnyCharset)),
  recoveryEnded: lineOf([
    ...messages.recoveryEnded.map(inAnyCharset),
    ...afterPosition.map(unlessAscii),
  ]),
  newTimeline: lineOf(messages.newTimeline.map(inAnyCharset)),
};

function lineOf(alternatives: readonly string[]): RegExp {
  return new RegExp(`(?:^|[\\s\\]])[^\\s:：]+[:：] +(?:${alternatives.join('|')})`, 'u');
}

function inAnyCharset(message: string): string {
  return unlessAscii(message.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`));
}

/** Where lc_ctype is C the server writes `?` for what ASCII has not. */
function unlessAscii(pattern: string): string {
  return pattern.replaceAll(/\P{ASCII}/gu, '[$&?]');
}
