export default function Segments(_: { rest: string }) {
  return null;
}
