/** That there is no such mailbox, in the languages of those who run the servers. */
import type { Saying } from './phrase.ts';

export const ofUnknownUsersAbroad: readonly Saying[] = [
  {
    reason: 'noSuchUser',
    strength: 'sure',
    phrases: `
      empfanger|empfaenger|empfangers|benutzer|adressat|adresse|postfach|emailadresse .. unbekannt|unzulassig|ungultig
      empfanger|empfaenger|benutzer|adressat unbekannt
      empfanger|empfaenger|benutzer|adresse|postfach|mailbox|konto .. existiert|existieren .. nicht
      empfanger|empfaenger|benutzer|adresse|postfach existiert nicht
      empfanger|empfaenger|benutzer|adresse .. nicht gefunden|bekannt|vorhanden
      benutzer nicht bekannt|gefunden
      unbekannter|unbekannte|ungultiger|ungultige empfanger*|benutzer*|adresse*|adressat*
      kein .. postfach|benutzer|empfanger
      destinataire|destinataires|utilisateur|adresse|boite|compte .. inconnu|inconnue|inexistant|inexistante|invalide|introuvable
      destinataire|utilisateur|adresse|boite|compte inconnu|inconnue|inexistant|inexistante|invalide
      utilisateur|destinataire|adresse|boite|compte .. existe pas
      aucun .. destinataire|utilisateur
      usuario|destinatario|buzon|cuenta|direccion|casilla .. no existe
      no existe el|la|ese|esa|este|dicha|dicho? usuario|destinatario|buzon|cuenta|direccion|persona|casilla
      usuario|destinatario|buzon|cuenta|direccion desconocido|desconocida|inexistente|invalido|invalida
      usuario|destinatario|buzon|cuenta|direccion no encontrado|encontrada|valido|valida|valid
      destinatario|usuario|endereco|conta|caixa nao encontrado|encontrada|existe|existente|localizado
      destinatario|usuario|endereco|conta|caixa .. nao existe
      destinatario|usuario|endereco|conta inexistente|desconhecido|invalido
      utente|destinatario|indirizzo|casella|destin .. sconosciuto|sconosciuta|inesistente|errato|errata
      utente|destinatario|indirizzo|casella sconosciuto|sconosciuta|inesistente|errato
      destin sconosciuto
      utente|destinatario|indirizzo|casella non trovato|trovata|esiste|valido|esistente
      nessun utente
      gebruiker|ontvanger|geadresseerde|adres|mailbox .. onbekend|bestaat
      gebruiker|ontvanger|adres|mailbox onbekend
      onbekende|ongeldige|ongeldig gebruiker|ontvanger|adres|geadresseerde
      bestaat niet
      adresat|odbiorca|uzytkownik|konto|skrzynka .. nie istnieje
      nie istnieje
      adresat|odbiorca|uzytkownik nieznany|nieznana
      nieznany adresat|odbiorca|uzytkownik
      nie ma takiego|takiej
      okand mottagare|anvandare
      mottagare|anvandare .. okand
      ukendt modtager|bruger
      ukjent mottaker|bruker
      tuntematon vastaanottaja|kayttaja
      kullanici bulunamadi|yok
      alici bulunamadi|gecersiz
      пользователь|адресат|получатель|ящик .. не наиден|существует
      пользователь|адресат|получатель|ящик .. не найден
      пользователь|адресат|получатель неизвестен
      неизвестный пользователь|получатель|адресат
      нет такого пользователя|адресата|ящика
      несуществующий
      宛先 .. 見つか
      宛先 .. 存在
      宛先 .. 不明
      あて先 .. 見つか
      あて先 .. 存在
      アドレス .. 見つか
      アドレス .. 存在し
      アドレス .. 存在せ
      アドレス .. ありません
      アドレス .. 間違
      アドレス .. 正しくありません
      アドレス .. 不明
      ユーザ .. 存在
      ユーザ .. 見つか
      ユーザ .. ありません
      受信者 .. 見つか
      受信者 .. 存在
      宛先不明
      用户 .. 不存在
      用户不存在
      用戶不存在
      收件人 .. 不存在
      收件者 .. 不存在
      此收件人
      邮箱 .. 不存在
      信箱 .. 不存在
      帐号 .. 不存在
      账号 .. 不存在
      地址 .. 不存在
      找不到 .. 收件
      找不到 .. 用户
      无此用户
      無此使用者
      查無此人
      사용자를 찾을
      사용자가 존재하지
      수신자를 찾을
      존재하지 않는
      없는 .. 사용자*
      없는 .. 주소*
      알 수 없는 사용자*
      메일주소가 존재하지
      수신자가 존재하지
    `,
  },
];
