/**
 * Forms of a kanji that stand for one another in names and words: what one writer types as 髙橋, 﨑, 邊 or 國, another looks for as 高橋, 崎, 辺 or 国.
 *
 * Each group begins with the form that stands for all of it: the one of everyday use (the jōyō list of 2010), or the most common one. Old forms (kyūjitai), variants of
 * names that fonts of JIS X 0208, 0212, 0213 and of IBM and NEC have, and characters of the older JIS that stand in for those. One character is in one group only.
 */
const groups =
  // Names.
  '高髙 崎﨑嵜碕 辺邊邉 浜濱濵 斎齋斉齊 沢澤 島嶋嶌 富冨 吉𠮷 土圡 桑桒 柳栁桺 梁樑 橋槗 館舘 船舩 曽曾 峰峯 崖崕 枡桝 ' +
  '梅楳 桜櫻 竜龍 滝瀧 条條 関關 栄榮 広廣 真眞 徳德 瀬瀨 豊豐 静靜 宝寶寳 寿壽 亀龜 巌巖 恵惠 慎愼 礼禮 禄祿 稲稻 穂穗 聡聰 円圓 鉄鐵鐡 ' +
  '闊濶 槙槇 遥遙 尭堯 凜凛 晋晉 彦彥 巻卷 万萬 弥彌 来來 蔵藏 薫薰 蘭蘭 角⻆ 羽羽 青靑 清淸 都都 福福 祐祐 祥祥 神神 ' +
  // Old forms of the everyday list.
  '亜亞 悪惡 圧壓 囲圍 医醫 為爲 壱壹 逸逸 隠隱 韻韵 営營 衛衞 駅驛 謁謁 塩鹽 縁緣 艶艷 応應 欧歐 殴毆 奥奧 横橫 温溫 穏穩 仮假 価價 画畫 会會 ' +
  '回囘 壊壞 懐懷 絵繪 概槪 拡擴 殻殼 覚覺 学學 岳嶽 楽樂 喝喝 渇渴 褐褐 缶罐 勧勸 歓歡 漢漢 観觀 陥陷 気氣 帰歸 器器 偽僞 戯戲 犠犧 ' +
  '旧舊 拠據 挙擧 虚虛 峡峽 挟挾 狭狹 郷鄕 響響 暁曉 勤勤 謹謹 区區 駆驅 勲勳 群羣 径徑 茎莖 掲揭 渓溪 経經 蛍螢 軽輕 継繼 鶏鷄雞 芸藝 撃擊 ' +
  '欠缺 研硏 県縣 倹儉 剣劍剱 険險 圏圈 検檢 献獻 権權 顕顯 験驗 厳嚴 呉吳 娯娛 効效 恒恆 黄黃 鉱鑛 号號 国國圀 黒黑 歳歲 済濟 砕碎 剤劑 冊册 雑雜 ' +
  '参參 桟棧 蚕蠶 惨慘 賛贊 残殘 糸絲 姉姊 歯齒 児兒 辞辭 湿濕 実實 舎舍 写寫 釈釋 者者 煮煮 収收 臭臭 従從 渋澁 獣獸 縦縱 祝祝 粛肅 処處 暑暑 緒緖 ' +
  '諸諸 叙敍 奨奬 将將 渉涉 焼燒 称稱 証證 乗乘 剰剩 壌壤 嬢孃 畳疊 縄繩 譲讓 醸釀 触觸 嘱囑 寝寢 尽盡 図圖 粋粹 酔醉 随隨 髄髓 枢樞 数數 声聲 斉斉 ' +
  '摂攝 窃竊 説說 絶絕 節節 専專 浅淺 戦戰 践踐 銭錢 潜潛 繊纖 禅禪 祖祖 双雙 壮壯 争爭 荘莊 捜搜 挿插 巣巢 装裝 層層 総總 騒騷 増增 憎憎 贈贈 臓臟 即卽 ' +
  '属屬 続續 堕墮 対對 体體 帯帶 滞滯 台臺 択擇 沢沢 単單 胆膽 担擔 団團 弾彈 断斷 痴癡 遅遲 昼晝 虫蟲 鋳鑄 庁廳 徴徵 聴聽 懲懲 勅敕 鎮鎭 転轉 点點 ' +
  '伝傳 灯燈 当當 党黨 盗盜 稲稲 闘鬪 独獨 読讀 突突 届屆 難難 弐貳 悩惱 脳腦 覇霸 拝拜 廃廢 売賣 麦麥 発發 髪髮 抜拔 繁繁 晩晚 蛮蠻 卑卑 秘祕 碑碑 賓賓 ' +
  '頻頻 敏敏 瓶甁 侮侮 払拂 仏佛 併倂 並竝 塀塀 餅餠 変變 弁辨瓣辯 勉勉 歩步 舗舖 褒襃 墨墨 翻飜 毎每 満滿 免免 麺麵 黙默 訳譯 薬藥 与與 予豫 余餘 誉譽 揺搖 ' +
  '様樣 謡謠 頼賴 乱亂 欄欄 覧覽 隆隆 虜虜 両兩 猟獵 緑綠 涙淚 塁壘 類類 励勵 戻戾 霊靈 齢齡 暦曆 歴歷 恋戀 練練 錬鍊 炉爐 労勞 廊廊 朗朗 楼樓 録錄 湾灣 ' +
  '鴎鷗 涛濤 祷禱 檜桧 薮藪 籠篭 頬頰 掴摑 剥剝 填塡 蝋蠟 麹麴 醤醬 躯軀 噛嚙 繋繫 呑吞 叱𠮟 侠俠 倶俱 捗捗 箪簞 蝉蟬 顛顚 賎賤 迩邇 隙隙';

/** Every form but the first of its group, with that first one. */
export const variantKanji: ReadonlyMap<string, string> = tableOf(groups);

function tableOf(text: string): Map<string, string> {
  const table = new Map<string, string>();
  for (const group of text.split(' ')) {
    const [first, ...others] = group;
    for (const other of others) if (other !== first && !table.has(other)) table.set(other, first!);
  }
  // A first form must stand for itself, or equal texts would differ.
  for (const first of new Set(table.values())) table.delete(first);
  return table;
}
